using System.Text.Json;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Commands.Diagnosing;

/// <summary>Prints what the checks of the machine found.</summary>
internal static class DoctorReportWriter
{
    /// <summary>One line for each check, <c>ok</c>, <c>note</c> or <c>FAIL</c>; the last two end with the fix after an arrow. Then one line for each verb asked about.</summary>
    public static void WriteText(IReadOnlyList<Requirement> found, RequiredFor asked, CommandOutput output)
    {
        var width = found.Max(requirement => requirement.Name.Length);
        foreach (var requirement in found)
        {
            var word = requirement.State switch
            {
                RequirementState.Ok => output.Green("ok  "),
                RequirementState.Degraded => output.Yellow("note"),
                _ => output.Red("FAIL"),
            };
            var fix = requirement.Fix.Length == 0 ? string.Empty : $" -> {requirement.Fix}";
            output.Out.WriteLine($"{word} {requirement.Name.PadRight(width)}  {requirement.Detail}{fix}");
        }

        foreach (var verb in Verbs(asked))
        {
            var stops = found.Count(requirement => requirement.Stops(verb));
            output.Out.WriteLine(stops == 0 ? output.Green($"{Name(verb)} works here") : output.Red($"{Name(verb)} does not work here: {stops} of {found.Count} checks failed"));
        }
    }

    public static void WriteJson(IReadOnlyList<Requirement> found, RequiredFor asked, CommandOutput output) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("works");
        foreach (var verb in Verbs(asked))
        {
            json.WriteBoolean(Word(verb), !found.Any(requirement => requirement.Stops(verb)));
        }

        json.WriteEndObject();
        json.WriteStartArray("checks");
        foreach (var requirement in found)
        {
            Write(json, requirement);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Requirement requirement)
    {
        json.WriteStartObject();
        json.WriteString("name", requirement.Name);
        json.WriteString("state", requirement.State.ToString().ToLowerInvariant());
        json.WriteString("detail", requirement.Detail);
        json.WriteString("fix", requirement.Fix);
        json.WriteStartArray("neededBy");
        foreach (var verb in Verbs(requirement.NeededBy))
        {
            json.WriteStringValue(Word(verb));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<RequiredFor> Verbs(RequiredFor set) => new[] { RequiredFor.Run, RequiredFor.Sidecar }.Where(verb => set.HasFlag(verb));

    private static string Name(RequiredFor verb) => verb == RequiredFor.Run ? "policyproxy run" : "policyproxy sidecar --transparent";

    private static string Word(RequiredFor verb) => verb == RequiredFor.Run ? "run" : "sidecar";
}
