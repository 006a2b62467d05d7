using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Http;
using PolicyProxy.TestKit.Spiffe;

namespace PolicyProxy.FunctionalTests.Connections;

/// <summary>Client certificates say who a client is, before its address does; a wrong one is worse than none.</summary>
public sealed class PeerCertificateTests
{
    private const string Client = "spiffe://example.org/ns/default/sa/client";

    // "client" by label of an address, or by service account of a certificate.
    private const string Open =
        """
        - fromEndpoints: [{matchLabels: {app: client}}, {matchLabels: {io.cilium.k8s.policy.serviceaccount: client}}]
          toPorts:
          - ports: [{port: "8080", protocol: TCP}]
            rules:
              http: [{method: GET}]
        """;

    private const string Authenticated = Open + "\n  authentication: {mode: required}";

    public static TheoryData<string, string, string, string?, VerdictReason?> Cases => new()
    {
        // policy, address, certificate, what the server answers, why it refuses
        { Open, "client", "none", "GET /x", null },
        { Open, "stranger", "none", null, VerdictReason.DefaultDeny },
        { Open, "stranger", Client, "GET /x", null }, // the certificate beats the address
        { Open, "client", "spiffe://example.org/ns/default/sa/other", null, VerdictReason.DefaultDeny },
        { Open, "client", "spiffe://example.org/identity/77", null, VerdictReason.CertificateRefused }, // nobody is known by it
        { Open, "client", "foreign", null, VerdictReason.CertificateRefused },
        { Open, "client", "expired", null, VerdictReason.CertificateRefused },
        { Authenticated, "client", "none", null, VerdictReason.AuthenticationRequired },
        { Authenticated, "client", Client, "GET /x", null },
        { Authenticated, "stranger", Client, "GET /x", null },
        { Authenticated, "client", "foreign", null, VerdictReason.CertificateRefused },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Certificate_decides_who_the_client_is(string policy, string address, string certificate, string? answer, VerdictReason? reason)
    {
        await using var server = await ConnectionHost.StartAsync(policy, withPeers: true);
        using var foreign = new TestAuthority();
        using var shown = certificate switch
        {
            "none" => null,
            "foreign" => foreign.Issue(Client),
            "expired" => server.Authority.Issue(new TestLeaf { Uris = [Client], NotAfter = DateTimeOffset.UtcNow.AddMinutes(-5) }),
            _ => server.Authority.Issue(certificate),
        };
        var source = address == "client" ? ShopPolicies.Client : ShopPolicies.Stranger;
        var files = shown is null ? default : server.Write(shown);
        string[] identity = shown is null ? [] : ["--cert", files.Certificate, "--key", files.Key];

        var (exitCode, output) = await Tool.RunAsync(
            "curl", ["-sk", "--interface", source.ToString(), .. identity, $"https://127.0.0.1:{server.Port}/x"]);

        Assert.Equal(answer ?? string.Empty, output);
        Assert.Equal(answer is null, exitCode != 0);
        Assert.Equal(reason is null ? [] : [reason.Value], server.Denials.Select(static flow => flow.Reason));
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Handshake_with_a_wrong_certificate_ends_openssl(string version)
    {
        await using var server = await ConnectionHost.StartAsync(Open, withPeers: true);
        using var foreign = new TestAuthority();
        using var wrong = foreign.Issue(Client);
        var (certificate, key) = server.Write(wrong);

        var (exitCode, output) = await Tool.RunAsync(
            "openssl", "s_client", "-connect", $"127.0.0.1:{server.Port}", version, "-cert", certificate, "-key", key, "-bind", "127.0.0.2", "-ign_eof");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("error", output, StringComparison.OrdinalIgnoreCase);
        var denial = Assert.Single(server.Denials);
        Assert.Equal("the client's certificate is refused: no authority of its trust domain has signed it", denial.Note);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Identity_follows_bundle_and_policy_while_the_connection_lives(string version)
    {
        await using var server = await ConnectionHost.StartAsync(Authenticated, withPeers: true);
        using var certificate = server.Authority.Issue(Client);
        using var client = Connect(certificate, ShopPolicies.Stranger, version);
        var url = new Uri($"https://127.0.0.1:{server.Port}/y");
        Assert.Equal("GET /y", await client.GetStringAsync(url));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync(url, null)).StatusCode);

        // The authority is replaced: whoever it vouched for is nobody, also on the connection that is open.
        using var next = new TestAuthority("next");
        await File.WriteAllTextAsync(server.BundleFile, next.Pem);
        server.ReloadBundles();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(url));

        using var renewed = next.Issue(Client);
        using var second = Connect(renewed, ShopPolicies.Stranger, version);
        Assert.Equal("GET /y", await second.GetStringAsync(url));
        Assert.Contains(server.Denials, static flow => flow.Reason == VerdictReason.CertificateRefused);
    }

    [Fact]
    public async Task Audit_mode_reports_a_wrong_certificate_and_takes_the_client_by_its_address()
    {
        await using var server = await ConnectionHost.StartAsync(Open, withPeers: true, configure: static options => options.Audit = true);
        using var foreign = new TestAuthority();
        using var wrong = foreign.Issue(Client);
        using var client = Connect(wrong, ShopPolicies.Client, "1.1");

        Assert.Equal("GET /z", await client.GetStringAsync(new Uri($"https://127.0.0.1:{server.Port}/z")));
        Assert.Single(server.Flows, static flow => flow.Reason == VerdictReason.CertificateRefused);
        Assert.Empty(server.Denials);
    }

    [Fact]
    public async Task Bundle_that_cannot_be_used_stops_the_start()
    {
        var missing = await Assert.ThrowsAsync<PolicyLoadException>(
            () => ConnectionHost.StartAsync(Open, configure: static options => options.TrustDomains["example.net"] = "does-not-exist.pem"));
        Assert.Contains("does-not-exist.pem", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<OptionsValidationException>(
            () => ConnectionHost.StartAsync(Open, configure: static options => options.TrustDomains["Not A Domain"] = "bundle.pem"));
    }

    [Fact]
    public async Task Test_always_fail_refuses_a_right_certificate_too()
    {
        await using var server = await ConnectionHost.StartAsync(Open + "\n  authentication: {mode: test-always-fail}", withPeers: true);
        using var certificate = server.Authority.Issue(Client);
        using var client = Connect(certificate, ShopPolicies.Client, "1.1");

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri($"https://127.0.0.1:{server.Port}/")));
        Assert.All(server.Denials, static flow => Assert.Equal(VerdictReason.AuthenticationRequired, flow.Reason));
    }

    private static HttpClient Connect(X509Certificate2 certificate, IPAddress source, string version)
    {
        var handler = FromAddress.Handler(source);
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
        };
        return new HttpClient(handler) { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }
}
