using PolicyProxy.Flows;
using static PolicyProxy.Sidecar.Tests.Relay.Origins.TransparentBench;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>openssl and curl reach a TLS server through a tunnel of the proxy, by the name they ask for.</summary>
public sealed class RealTlsClientTests
{
    private const string Rule = "serverNames: [a.example]";

    [Theory]
    [InlineData("a.example", true)]
    [InlineData("b.example", false)]
    public async Task Curl_gets_through_by_name_only(string name, bool isAllowed)
    {
        using var origin = TlsOrigin.Start();
        await using var bench = await StartProxyAsync(origin);

        var output = await Tool.RunAsync(
            "curl", "curl", "-sk", "--proxy", $"http://{bench.Server.ProxyAddresses[0]}", "--connect-to", $"{name}:443:{origin.Address}", $"https://{name}/");

        Assert.Equal(isAllowed ? name : "", output);
        Assert.Equal(new TlsRecord(name), bench.Seen().Last(static flow => flow.L7 is not null).L7);
    }

    [Theory]
    [InlineData("a.example", true)]
    [InlineData("b.example", false)]
    [InlineData(null, false)]
    public async Task Openssl_sees_the_servers_own_certificate_or_nothing(string? name, bool isAllowed)
    {
        using var origin = TlsOrigin.Start();
        await using var bench = await StartProxyAsync(origin);
        string[] names = name is null ? ["-noservername"] : ["-servername", name];

        // It would wait for something to send.
        var output = await Tool.RunAsync(
            "bash", "bash", ["-c", "exec openssl s_client \"$@\" < /dev/null", "-", "-proxy", $"{bench.Server.ProxyAddresses[0]}", "-connect", $"{origin.Address}", .. names]);

        Assert.Contains(isAllowed ? "CN = origin.example" : "no peer certificate available", output, StringComparison.Ordinal);
    }

    private static Task<Origins.TransparentBench> StartProxyAsync(TlsOrigin origin) => StartAsync(
        EgressPolicy(To(origin.Address, Rule)),
        static options => options with { Transparent = null, ServesNamedDestinations = true });
}
