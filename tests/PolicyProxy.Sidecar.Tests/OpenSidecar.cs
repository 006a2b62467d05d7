using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>A sidecar whose policy allows every HTTP request: what is tested is the proxy, which sees each of them.</summary>
internal static class OpenSidecar
{
    /// <summary>The port the policy is written for.</summary>
    public const ushort PolicyPort = 80;

    /// <summary>Allows every HTTP request from anywhere, and nothing else.</summary>
    public const string Policy = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: every-request
        spec:
          endpointSelector: {}
          ingress:
          - toPorts:
            - ports:
              - port: "80"
                protocol: TCP
              rules:
                http:
                - {}
        """;

    public static SidecarOptions Options(Uri upstream, FlowLog? flows = null) => new()
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Upstream = upstream,
        PolicyPort = PolicyPort,
        Configure = policies =>
        {
            policies.FromText(Policy);
            if (flows is not null)
            {
                policies.Services.AddSingleton<IFlowObserver>(flows);
            }
        },
    };

    public static Task<SidecarServer> StartAsync(EchoUpstream upstream) => SidecarServer.StartAsync(Options(upstream.Uri));

    public static HttpMessageInvoker Http2Client() => new(new SocketsHttpHandler { UseProxy = false });

    public static HttpRequestMessage Http2Request(IPEndPoint server, string target) =>
        new(HttpMethod.Get, new Uri($"http://{server}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
}
