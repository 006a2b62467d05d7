using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>A sidecar without policies: what is tested is the proxy, and nothing is denied.</summary>
internal static class OpenSidecar
{
    public static SidecarOptions Options(Uri upstream, FlowLog? flows = null) => new()
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Upstream = upstream,
        Configure = policies =>
        {
            policies.FromText(string.Empty);
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
