using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Tests.Relay.Origins;

namespace PolicyProxy.Sidecar.Tests.Decrypting;

/// <summary>A secret that a rule adds to requests which come in the open goes to a server that TLS has verified, and to no other.</summary>
public sealed class OriginatedSecretTests
{
    private const string Originating = "originatingTLS: {secret: {name: origin}}";
    private const string Terminating = "terminatingTLS: {secret: {name: edge}}";
    private const string Secret = "s3cr3t";

    [Fact]
    public async Task First_request_carries_it_and_so_does_the_next()
    {
        await using var bench = await StartAsync(Originating);

        var answers = await bench.CurlAsync("http://api.test/[1-2]", "-p");
        Assert.Equal($"https GET api.test/1 proxy.client {Secret} 200https GET api.test/2 proxy.client {Secret} 200", answers);
    }

    [Fact]
    public async Task First_request_of_a_client_that_names_destinations_carries_it()
    {
        await using var bench = await StartAsync(Originating);
        using var client = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy($"http://{bench.Sidecar.Server.ProxyAddresses[0]}") }) { Timeout = TimeSpan.FromSeconds(30) };

        foreach (var path in new[] { "first", "second" })
        {
            Assert.Equal($"https GET localhost/{path} proxy.client {Secret} ", await client.GetStringAsync(new Uri($"http://localhost:{bench.Address.Port}/{path}")));
        }
    }

    [Fact]
    public async Task Server_with_a_certificate_for_another_name_gets_nothing()
    {
        await using var bench = await StartAsync(Originating);

        Assert.EndsWith("502", await bench.CurlAsync("http://other.test/a", "-p"), StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
    }

    [Fact]
    public async Task Server_whose_authority_is_not_trusted_gets_nothing()
    {
        await using var bench = await StartAsync(Originating);
        using var stranger = new TestAuthority("Stranger CA");
        bench.Write("origin", new Dictionary<string, string> { ["ca.crt"] = stranger.Pem });

        Assert.EndsWith("502", await bench.CurlAsync("http://api.test/a", "-p"), StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
    }

    [Fact]
    public async Task Server_that_does_not_speak_TLS_gets_nothing()
    {
        await using var bench = await StartAsync(Originating, speaksTls: false);

        Assert.EndsWith("502", await bench.CurlAsync("http://api.test/a", "-p"), StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
    }

    [Theory]
    [InlineData("", "http://api.test/a")]
    [InlineData(Terminating, "https://api.test/a")]
    public async Task Nobody_gets_it_in_the_open(string context, string url)
    {
        await using var bench = await StartAsync(context, speaksTls: false);

        Assert.Equal("Access denied\r\n403", await bench.CurlAsync(url, "-p"));
        Assert.Empty(bench.Requests);
        await bench.SeenAsync(static flow => flow.Reason == VerdictReason.SecretWithheld);
    }

    // The machine's loopback network: a rule for it does not speak of one peer, which would get the secret unproven.
    private static async Task<ContextBench> StartAsync(string context, bool speaksTls = true)
    {
        var bench = await ContextBench.StartAsync("rules: {http: [{method: GET}]}", speaksTls);
        var rules = $"rules: {{http: [{{method: GET, headerMatches: [{{name: X-Token, secret: {{name: token}}, mismatch: ADD}}]}}]}}";
        var ports = $"ports: [{{port: \"{bench.Address.Port}\", protocol: TCP}}]";
        var policy = TransparentBench.EgressPolicy($"{{toCIDR: [127.0.0.0/8], toPorts: [{{{string.Join(", ", new[] { ports, context, rules }.Where(static part => part.Length > 0))}}}]}}");
        await bench.Sidecar.ReloadAsync($$"""
            {{policy}}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: token, namespace: default}
            stringData: {value: {{Secret}}}
            """);
        return bench;
    }
}
