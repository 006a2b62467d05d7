using System.Net;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Rules of protocols that the relay cannot read, or that its clients do not speak, on connections that clients make to the sidecar: nothing passes.</summary>
public sealed class UninspectedKindTests
{
    [Fact]
    public async Task Neither_bytes_nor_requests_of_any_version_reach_the_upstream()
    {
        await using var bench = await RelayBench.AnsweringAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", new BenchSetup
        {
            Policy = """
                apiVersion: cilium.io/v2
                kind: CiliumNetworkPolicy
                metadata: {name: other}
                spec:
                  endpointSelector: {}
                  ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], serverNames: [example.com]}]}]
                """,
        });
        using var bytes = await bench.ConnectAsync();
        using var http1 = await bench.ConnectAsync();
        using var http2 = OpenSidecar.Http2Client();

        Assert.Equal(400, (await bytes.SendAsync("\0\0\0\u0016\0\u0012\0\u0003\0\0\0\u0001\0\u0004test")).Status);
        Assert.Equal(403, (await http1.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
        using var response = await http2.SendAsync(OpenSidecar.Http2Request(bench.Address, "/"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal((0, 0), (bench.Upstream.Connections, bench.Counters.UpstreamConnects));
    }
}
