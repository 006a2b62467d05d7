using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>Rules with server names, on connections that clients make to the sidecar itself.</summary>
public sealed class ForwardedServerNameTests
{
    private static readonly BenchSetup s_setup = new()
    {
        Policy = """
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: names}
            spec:
              endpointSelector: {}
              ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], serverNames: [a.example]}]}]
            """,
    };

    [Theory]
    [InlineData("a.example", true)]
    [InlineData("b.example", false)]
    public async Task Handshake_passes_or_is_reset_by_its_name(string name, bool isAllowed)
    {
        var hello = TlsFlights.Hello(name);
        await using var bench = await RelayBench.StartAsync(
            async connection => await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(hello.Length)), s_setup);
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(hello);

        Assert.Equal(isAllowed ? (hello, ConnectionEnd.Closed) : ("", ConnectionEnd.Reset), await client.Bytes.ReadToEndAsync());
        Assert.Equal(isAllowed ? 1 : 0, bench.Upstream.Connections);
    }
}
