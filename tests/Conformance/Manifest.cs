using System.Text.RegularExpressions;

namespace PolicyProxy.Conformance;

/// <summary>A manifest file: template text whose documents are the objects of a vector (vectors/FORMAT.md, last section).</summary>
internal static partial class Manifest
{
    private static readonly Dictionary<string, object> Values = new()
    {
        ["ExternalTarget"] = "one.one.one.one.",
        ["ExternalOtherTarget"] = "k8s.io.",
        ["ExternalIPv4"] = "1.1.1.1",
        ["ExternalOtherIPv4"] = "1.0.0.1",
        ["ExternalIPv6"] = "2606:4700:4700::1111",
        ["ExternalOtherIPv6"] = "2606:4700:4700::1001",
        ["ExternalCIDRv4"] = "1.0.0.0/8",
        ["ExternalCIDRv6"] = "2606:4700:4700::/96",
        ["TestNamespace"] = "default",
        ["ClusterNameLocal"] = "default",
        ["ClusterNameRemote"] = "west",
        ["NodesWithoutCiliumIPs"] = new List<object> { new Dictionary<string, object> { ["IP"] = "172.18.0.9", ["Mask"] = "32" } },
        ["NodeCIDRs"] = new List<object> { "172.18.0.2/32", "172.18.0.3/32" },
        ["ControlPlaneCIDRs"] = new List<object> { "172.18.0.2/32" },
        ["K8sCIDR"] = "10.96.0.1/32",
        ["ExternalDeploymentPort"] = "8080",
        ["ExternalTargetCANamespace"] = "cilium-test-ca",
        ["ExternalTargetCAName"] = "cabundle",
    };

    /// <summary>Renders the template and splits it at <c>---</c>. A part with nothing but comments is no document.</summary>
    /// <exception cref="FormatException">The template uses what is not understood here.</exception>
    public static IReadOnlyList<string> Documents(string template) =>
        [.. Separator().Split(new ManifestTemplate(template).Render(Values)).Where(HasContent)];

    [GeneratedRegex(@"^---[ \t]*\r?$", RegexOptions.Multiline)]
    private static partial Regex Separator();

    private static bool HasContent(string document) =>
        document.Split('\n').Any(line => line.Trim() is { Length: > 0 } text && text[0] != '#');
}
