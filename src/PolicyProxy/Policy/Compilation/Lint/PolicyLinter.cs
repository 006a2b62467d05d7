using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>
/// Finds what is valid and still surprising: rules that never match, rules that match more than they seem to, and parts that are
/// missing for the rest to work. Reads the model only, so it also works on input that does not compile. Never throws.
/// </summary>
internal static class PolicyLinter
{
    /// <summary>Annotation with ids, separated by commas or spaces, that are not to be reported for an object.</summary>
    public const string IgnoreAnnotation = "policyproxy.dev/ignore-lints";

    private static readonly Action<LintReport, PolicyObjects>[] Lints =
    [
        SubjectLints.Run,
        PeerLints.Run,
        DnsAccessLints.Run,
        DnsPatternLints.Run,
        HttpLints.Run,
        ShadowLints.Run,
    ];

    /// <summary>All findings, in file and line order, without those an object's annotation switches off.</summary>
    public static IReadOnlyList<PolicyDiagnostic> Run(PolicyObjects objects)
    {
        var report = new LintReport();
        foreach (var lint in Lints)
        {
            lint(report, objects);
        }

        return report.InOrder();
    }
}
