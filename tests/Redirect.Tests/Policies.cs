namespace PolicyProxy.Redirect.Tests;

/// <summary>Policies of these tests.</summary>
internal static class Policies
{
    /// <summary>A policy that selects everything, with this list below <c>egress:</c>.</summary>
    public static string Egress(string rules) => $"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: test
        spec:
          endpointSelector: {Braces}
          egress:
        {Indent(rules)}
        """;

    private const string Braces = "{}";

    private static string Indent(string text) => string.Join('\n', text.Split('\n').Select(static line => "  " + line));
}
