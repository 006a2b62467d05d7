using System.Text.Json;
using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>Prints answers for programs; docs/reference/cli.md lists the fields.</summary>
internal static class ExplainJsonWriter
{
    public static void Write(IReadOnlyList<ExplainAnswer> answers, IReadOnlyList<string> assumptions, CommandOutput output) =>
        JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("allowed", answers.All(a => a.Final.Allowed));
            json.WriteStartArray("answers");
            foreach (var answer in answers)
            {
                Write(json, answer);
            }

            json.WriteEndArray();
            json.WriteStartArray("assumptions");
            foreach (var assumption in assumptions)
            {
                json.WriteStringValue(assumption);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static void Write(Utf8JsonWriter json, ExplainAnswer answer)
    {
        var question = answer.Question;
        json.WriteStartObject();
        json.WriteString("verdict", answer.Word);
        json.WriteBoolean("allowed", answer.Final.Allowed);
        json.WriteString("reason", answer.Final.Reason.ToString());
        json.WriteString("because", ReasonText.Of(answer.Final.Reason));
        json.WriteString("direction", question.DirectionText);
        json.WriteString("request", question.Request.Text);
        json.WriteString("protocol", question.Request.Protocol.ToString().ToLowerInvariant());
        json.WriteNumber("port", question.Port);
        WriteEnd(json, "subject", question.Subject);
        WriteEnd(json, "from", question.From);
        WriteEnd(json, "to", question.To);
        json.WriteString("connection", ExplainAnswer.WordFor(answer.Walk.Connection));
        json.WriteString("inspects", answer.Walk.Kind.ToString().ToLowerInvariant());
        json.WritePropertyName("rule");
        RuleJson.Write(json, answer.Final.Rule);
        json.WritePropertyName("nearest");
        WriteNearest(json, answer.Nearest);
        json.WriteStartArray("steps");
        foreach (var step in answer.Walk.Steps)
        {
            Write(json, step);
        }

        json.WriteEndArray();
        if (answer.Tls.Length > 0)
        {
            json.WriteString("tls", answer.Tls);
        }

        WriteOthers(json, answer.Others);
        json.WriteEndObject();
    }

    private static void WriteOthers(Utf8JsonWriter json, IReadOnlyList<OtherAnswer> others)
    {
        if (others.Count == 0)
        {
            return;
        }

        json.WriteStartArray("others");
        foreach (var other in others)
        {
            json.WriteStartObject();
            json.WriteString("request", other.Text);
            json.WriteString("verdict", ExplainAnswer.WordFor(other.Final));
            json.WriteBoolean("allowed", other.Final.Allowed);
            json.WritePropertyName("rule");
            RuleJson.Write(json, other.Final.Rule);
            json.WritePropertyName("nearest");
            WriteNearest(json, other.Nearest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEnd(Utf8JsonWriter json, string name, ExplainEnd end)
    {
        json.WriteStartObject(name);
        json.WriteString("name", end.Text);
        json.WriteNumber("identity", end.Identity.Id);
        json.WriteStartArray("labels");
        foreach (var label in end.Identity.Labels.Labels)
        {
            json.WriteStringValue(label.ToString());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNearest(Utf8JsonWriter json, NearestRule? nearest)
    {
        if (nearest is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName("rule");
        RuleJson.Write(json, nearest.Rule);
        json.WriteString("missed", nearest.Missed);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ExplanationStep step)
    {
        json.WriteStartObject();
        json.WriteString("stage", step.Stage);
        json.WriteString("outcome", step.Outcome.ToString().ToLowerInvariant());
        json.WriteString("text", step.Text);
        json.WritePropertyName("rule");
        RuleJson.Write(json, step.Rule);
        json.WriteEndObject();
    }
}
