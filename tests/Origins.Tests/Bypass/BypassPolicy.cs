using System.Net;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>The policy that every case tries to get around. <see cref="BypassOracle"/> says the same in plain code.</summary>
internal static class BypassPolicy
{
    public const ushort Port = 8080;

    public const string SubjectLabels = "k8s:app=api,k8s:io.kubernetes.pod.namespace=default";

    /// <summary>Address of the client that the policy speaks of.</summary>
    public static readonly IPAddress Client = IPAddress.Parse("127.0.0.2");

    public static IReadOnlyList<string> Texts { get; } =
    [
        """
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
                - {method: "GET|HEAD", path: "/public/.*", host: "api[.]example"}
                - {method: "POST|PUT", path: "/upload/.*", host: "api[.]example"}
                - {method: GET, path: "/team/.*", host: "api[.]example", headers: ["X-Team blue"]}
                - {method: GET, path: "/item-[0-9]+", host: "api[.]example"}
                - {path: "/legit/.*"}
        """,
        Yaml.Pod("client", "default", Yaml.Labels("app=client"), Client.ToString()),
    ];
}
