using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation.Lint;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy.Compilation.Lint;

internal static class LintHarness
{
    /// <summary>Lints a text that has to be readable without errors.</summary>
    public static IReadOnlyList<PolicyDiagnostic> Run(string yaml)
    {
        var reading = PolicyYamlReader.Read([("policy.yaml", yaml)], PolicyReadOptions.Default);
        Assert.DoesNotContain(reading.Diagnostics, d => d.Severity == DiagnosticSeverity.Error);
        return PolicyLinter.Run(reading.Objects);
    }

    /// <summary>The ids found in a policy with this <c>spec</c>.</summary>
    public static IReadOnlyList<string> Ids(string spec) => [.. Run(ReadingHarness.Policy(spec)).Select(d => d.Id)];

    /// <summary>The ids found in an ingress policy with these HTTP rules on port 80, for example <c>{path: /a}, {method: GET}</c>.</summary>
    public static IReadOnlyList<string> HttpIds(string rules) =>
        Ids($"ingress: [{{toPorts: [{{ports: [{{port: \"80\", protocol: TCP}}], rules: {{http: [{rules}]}}}}]}}]");
}
