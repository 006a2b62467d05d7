namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Policies for the port of <see cref="OpenSidecar.PolicyPort"/>, short enough to stand in a test.</summary>
internal static class RelayPolicies
{
    /// <summary>No layer 7 rule: connections pass through.</summary>
    public static string Uninspected => Policy("""{toPorts: [{ports: [{port: "80", protocol: TCP}]}]}""");

    /// <summary>Admits nobody.</summary>
    public static string Nobody => Policy("{}");

    /// <summary>Allows HTTP requests that match one of the rules, each in flow style.</summary>
    public static string Http(params string[] rules) =>
        Policy("""{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [RULES]}}]}""".Replace("RULES", string.Join(", ", rules), StringComparison.Ordinal));

    /// <summary>As <see cref="Http"/>, only for peers from this address.</summary>
    public static string HttpFrom(string address, params string[] rules) =>
        Http(rules).Replace("{toPorts", $"{{fromCIDR: [\"{address}/32\"], toPorts", StringComparison.Ordinal);

    private static string Policy(string ingress) => $$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: relay}
        spec:
          endpointSelector: {}
          ingress: [{{ingress}}]
        """;
}
