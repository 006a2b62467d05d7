using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy;

/// <summary>Reads texts and validates what was read, as the compiler does.</summary>
internal static class ReadingHarness
{
    public static PolicyReadOptions Pruning { get; } = new() { UnknownFields = UnknownFieldMode.Ignore };

    public static PolicyReading Read(string text, PolicyReadOptions? options = null) =>
        PolicyYamlReader.Read([("policy.yaml", text)], options ?? PolicyReadOptions.Default);

    /// <summary>Diagnostics of reading and validation, in that order.</summary>
    public static List<PolicyDiagnostic> Diagnose(string text, PolicyReadOptions? options = null, PolicyValidationOptions? validation = null)
    {
        var reading = Read(text, options);
        var diagnostics = reading.Diagnostics.ToList();
        foreach (var group in reading.Objects.CidrGroups)
        {
            PolicyValidator.Validate(group, validation ?? PolicyValidationOptions.Default, diagnostics);
        }

        foreach (var document in reading.Objects.Policies)
        {
            PolicyValidator.Validate(document, validation ?? PolicyValidationOptions.Default, diagnostics);
        }

        return diagnostics;
    }

    /// <summary>A CiliumNetworkPolicy around an indented spec body.</summary>
    public static string Policy(string spec, string head = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy") =>
        $"{head}\nmetadata: {{name: p, namespace: shop}}\nspec:\n  endpointSelector: {{matchLabels: {{app: web}}}}\n{Indent(spec)}";

    public static PolicyDocument ReadOne(string text, PolicyReadOptions? options = null)
    {
        var reading = Read(text, options);
        Assert.Empty(reading.Diagnostics);
        return Assert.Single(reading.Objects.Policies);
    }

    private static string Indent(string text) =>
        string.Join('\n', text.TrimEnd('\n').Split('\n').Select(static line => line.Length == 0 ? line : "  " + line)) + "\n";
}
