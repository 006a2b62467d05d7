using PolicyProxy.Flows;

namespace PolicyProxy.Sidecar.Tests.Decrypting;

/// <summary>
/// Whether a client of terminatingTLS has to show a certificate. As in Cilium since 1.16, a <c>ca.crt</c> that merely lies in the secret asks for none;
/// <c>trustedCA</c>, which names it, does.
/// </summary>
public sealed class ClientCertificateTests : IDisposable
{
    private const string Originating = "originatingTLS: {secret: {name: origin}}";
    private const string OnlyGet = "rules: {http: [{method: GET}]}";

    private readonly TestAuthority _clients = new("Clients CA");
    private readonly TestAuthority _strangers = new("Strangers CA");

    public void Dispose()
    {
        _clients.Dispose();
        _strangers.Dispose();
    }

    [Fact]
    public async Task Authorities_in_the_secret_alone_ask_for_no_certificate()
    {
        await using var bench = await StartAsync("terminatingTLS: {secret: {name: edge}}");

        Assert.Equal("https GET api.test/a proxy.client 200", await bench.CurlAsync("https://api.test/a"));
    }

    [Theory]
    [InlineData("ca.crt", "--tlsv1.3")]
    [InlineData("ca.crt", "--tls-max", "1.2")]
    [InlineData("clients.pem", "--tlsv1.3")]
    public async Task Client_that_proves_itself_to_the_named_authorities_is_served(string item, params string[] version)
    {
        await using var bench = await StartAsync(Terminating(item), item);

        Assert.Equal("https GET api.test/a proxy.client 200", await bench.CurlAsync("https://api.test/a", [.. version, .. Show(bench, _clients)]));
        Assert.Equal("Access denied\r\n403", await bench.CurlAsync("https://api.test/a", [.. version, .. Show(bench, _clients), "-X", "POST"]));
    }

    [Theory]
    [InlineData("--tlsv1.3")]
    [InlineData("--tls-max", "1.2")]
    public async Task Client_without_a_certificate_or_with_one_of_strangers_is_refused(params string[] version)
    {
        await using var bench = await StartAsync(Terminating("ca.crt"));

        Assert.StartsWith("000", await bench.CurlAsync("https://api.test/a", version), StringComparison.Ordinal);
        Assert.StartsWith("000", await bench.CurlAsync("https://api.test/a", [.. version, .. Show(bench, _strangers)]), StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
        await bench.SeenAsync(static flow => flow.Verdict == FlowVerdict.Dropped && flow.Note.Contains("no handshake with it is possible", StringComparison.Ordinal), times: 2);
    }

    [Fact]
    public async Task Named_authorities_that_are_missing_refuse_everybody()
    {
        await using var bench = await StartAsync(Terminating("other.pem"));

        Assert.StartsWith("000", await bench.CurlAsync("https://api.test/a", Show(bench, _clients)), StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
        await bench.SeenAsync(static flow => flow.Note == "the secret default/edge has no item with authorities for clients");
    }

    private static string Terminating(string item) => $"terminatingTLS: {{secret: {{name: edge}}, trustedCA: {item}}}";

    private async Task<ContextBench> StartAsync(string terminating, string item = "ca.crt")
    {
        var bench = await ContextBench.StartAsync($"{terminating}, {Originating}, {OnlyGet}");
        bench.Write("edge", new Dictionary<string, string> { [item] = _clients.Pem });
        return bench;
    }

    // Options of curl to show a certificate of this authority.
    private static string[] Show(ContextBench bench, TestAuthority authority)
    {
        bench.Write("client", authority.Secret("somebody"));
        return ["--cert", bench.PathOf("client", "tls.crt"), "--key", bench.PathOf("client", "tls.key")];
    }
}
