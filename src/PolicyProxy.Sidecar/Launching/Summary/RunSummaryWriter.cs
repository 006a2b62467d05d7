using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PolicyProxy.Sidecar.Commands;

namespace PolicyProxy.Sidecar.Launching.Summary;

/// <summary>Prints a <see cref="RunSummary"/>: a few lines for people, or one line of JSON.</summary>
internal static class RunSummaryWriter
{
    private const int Shown = 5;

    private static readonly JsonWriterOptions s_oneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteText(RunSummary summary, TextWriter output)
    {
        var audited = summary.Audited > 0 ? $", {summary.Audited} let through by --audit that policy denies" : string.Empty;
        output.WriteLine($"policyproxy: {summary.Allowed} allowed, {summary.Denied} denied{audited}");
        foreach (var (traffic, count) in summary.Top(Shown))
        {
            Write(traffic, count, output);
        }

        if (summary.Others > 0)
        {
            output.WriteLine($"  and {summary.Others} denials of more than {RunSummary.MaxDistinct} kinds");
        }
    }

    public static void WriteJson(RunSummary summary, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_oneLine))
        {
            json.WriteStartObject();
            json.WriteNumber("allowed", summary.Allowed);
            json.WriteNumber("denied", summary.Denied);
            json.WriteNumber("audited", summary.Audited);
            json.WriteStartArray("denials");
            foreach (var (traffic, count) in summary.Top(Shown))
            {
                Write(json, traffic, count);
            }

            json.WriteEndArray();
            json.WriteNumber("others", summary.Others);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void Write(DeniedTraffic traffic, long count, TextWriter output)
    {
        // What was asked for comes from the command, and may try to drive the reader's terminal.
        output.WriteLine($"  {count}x {Printable(traffic.What)}: {Printable(traffic.Because)}");
        if (traffic.Rule is { Line: > 0 } rule)
        {
            var word = traffic.Reason == Gate.VerdictReason.DeniedByRule ? "denied by" : "nearest rule";
            output.WriteLine($"     {word}: {rule.File}:{rule.Line}");
        }

        if (traffic.Allowing is { } allowing)
        {
            output.WriteLine($"     to allow it, add {allowing.Place}:");
            foreach (var line in allowing.Yaml)
            {
                output.WriteLine("       " + Printable(line));
            }
        }
    }

    private static void Write(Utf8JsonWriter json, DeniedTraffic traffic, long count)
    {
        json.WriteStartObject();
        json.WriteNumber("count", count);
        json.WriteString("what", traffic.What);
        json.WriteString("reason", traffic.Reason.ToString());
        json.WriteString("because", traffic.Because);
        json.WritePropertyName("rule");
        RuleJson.Write(json, traffic.Rule);
        json.WritePropertyName("allow");
        if (traffic.Allowing is { } allowing)
        {
            json.WriteStartObject();
            json.WriteString("place", allowing.Place);
            json.WriteString("yaml", string.Join('\n', allowing.Yaml));
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
    }

    private static string Printable(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = char.IsControl(source[i]) ? '?' : source[i];
        }
    });
}
