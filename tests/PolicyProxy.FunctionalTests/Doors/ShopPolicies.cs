using System.Net;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>A small cluster: <c>api</c> is protected, <c>client</c> may call it, <c>stranger</c> may not connect.</summary>
internal static class ShopPolicies
{
    public static readonly IPAddress Client = IPAddress.Parse("127.0.0.2");
    public static readonly IPAddress Stranger = IPAddress.Parse("127.0.0.3");

    public static string Inventory { get; } = Yaml.Join(
        Yaml.Pod("client", "default", Yaml.Labels("app=client"), Client.ToString()),
        Yaml.Pod("stranger", "default", Yaml.Labels("app=stranger"), Stranger.ToString()));

    /// <summary>The client may send what the HTTP rules, as YAML flow mappings, allow.</summary>
    public static string Allow(params IEnumerable<string> httpRules) =>
        $$$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: client}}]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules:
                http:
                {{{string.Join("\n        ", httpRules.Select(static rule => "- " + rule))}}}
        """;

    /// <summary>A door for <c>api</c> with these HTTP rules.</summary>
    public static DoorSetup Setup(params IEnumerable<string> httpRules) => new()
    {
        Texts = [Allow(httpRules), Inventory],
        SubjectLabels = "app=api",
    };

    public static DoorRequest Get(string target) => new("GET", target) { Source = Client };
}
