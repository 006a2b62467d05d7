using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Decrypting;
using PolicyProxy.TestKit.Flows;
using PolicyProxy.TestKit.Http;
using PolicyProxy.TestKit.Spiffe;

namespace PolicyProxy.Sidecar.Tests.Identity;

/// <summary>Listeners that speak TLS: curl's certificate says who curl is.</summary>
public sealed class ListenerTlsTests : IAsyncLifetime
{
    private const string Client = "spiffe://example.org/ns/default/sa/client";

    private const string Policy =
        """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: client}}]
            authentication: {mode: required}
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules:
                http: [{method: GET}]
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly TestAuthority _authority = new();
    private readonly FlowLog _flows = new();
    private EchoUpstream _upstream = null!;
    private SidecarServer _sidecar = null!;

    public static TheoryData<string, string, string, VerdictReason?> Cases => new()
    {
        // certificate, method, status, why it is refused
        { Client, "GET", "200", null },
        { Client, "POST", "403", VerdictReason.NoRuleMatched },
        { "none", "GET", "000", VerdictReason.DefaultDeny },
        { "spiffe://example.org/ns/default/sa/other", "GET", "000", VerdictReason.DefaultDeny },
        { "foreign", "GET", "000", VerdictReason.CertificateRefused },
        { "expired", "GET", "000", VerdictReason.CertificateRefused },
    };

    public async Task InitializeAsync()
    {
        _upstream = await EchoUpstream.StartAsync();
        using var own = _authority.Issue("spiffe://example.org/ns/default/sa/api");
        Secret(own);
        await File.WriteAllTextAsync(BundlePath, _authority.Pem);
        _sidecar = await SidecarServer.StartAsync(OpenSidecar.Options(_upstream.Uri) with
        {
            Labels = LabelSet.Parse("app=api"),
            PolicyPort = 8080,
            ListenerSecret = "default/api",
            TrustDomains = new Dictionary<string, string> { ["example.org"] = BundlePath },
            Decryption = Decryption,
            Configure = policies =>
            {
                policies.FromText(Policy);
                policies.Services.AddSingleton<IFlowObserver>(_flows);
            },
        });
    }

    public async Task DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        await _upstream.DisposeAsync();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private DecryptionOptions Decryption => new() { Trust = UpstreamTrust.Read([]), SecretsPath = _folder.FullName };

    private string BundlePath => Path.Combine(_folder.FullName, "example.org.pem");

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Certificate_decides_who_the_client_is(string certificate, string method, string status, VerdictReason? reason)
    {
        using var foreign = new TestAuthority("foreign");
        using var shown = certificate switch
        {
            "none" => null,
            "foreign" => foreign.Issue(Client),
            "expired" => _authority.Issue(new TestLeaf { Uris = [Client], NotAfter = DateTimeOffset.UtcNow.AddMinutes(-5) }),
            _ => _authority.Issue(certificate),
        };

        Assert.Equal(status, await CurlAsync(shown, "-X", method));
        var denials = Flows().Where(static flow => flow.Verdict == FlowVerdict.Dropped).Select(static flow => flow.Reason).Distinct();
        Assert.Equal(reason is null ? [] : [reason.Value], denials);
    }

    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http2-prior-knowledge")]
    public async Task Both_versions_of_HTTP_are_judged_by_the_certificate(string version)
    {
        using var shown = _authority.Issue(Client);

        Assert.Equal("200", await CurlAsync(shown, version));
        Assert.Equal("403", await CurlAsync(shown, version, "-X", "DELETE"));
    }

    [Fact]
    public async Task Listener_shows_its_newest_certificate_and_keeps_the_last_good_one()
    {
        using var shown = _authority.Issue(Client);
        using var next = new TestAuthority("next");
        using var own = next.Issue("spiffe://example.org/ns/default/sa/api");
        Assert.Equal("200", await CurlAsync(shown));

        Secret(own);
        Assert.Equal("000", await CurlAsync(shown)); // curl trusts the first authority
        Assert.Equal("200", await CurlAsync(shown, "--cacert", Write("next.pem", next.Pem)));

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "default", "api", "tls.key"), "no key");
        Assert.Equal("200", await CurlAsync(shown, "--cacert", Write("next.pem", next.Pem)));
    }

    [Fact]
    public async Task Handshake_that_fails_leaves_a_flow_with_the_reason()
    {
        Assert.Equal("000", await CurlAsync(null, "--tls-max", "1.1"));
        Assert.Contains(Flows(), static flow => flow is { Verdict: FlowVerdict.Dropped } && flow.Note.StartsWith("no TLS handshake with the client", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Listener_without_trust_domains_judges_by_the_address()
    {
        await using var open = await SidecarServer.StartAsync(OpenSidecar.Options(_upstream.Uri) with { ListenerSecret = "default/api", Decryption = Decryption });
        using var shown = _authority.Issue(Client);

        Assert.Equal("200", await CurlAsync(null, "--connect-to", $"::127.0.0.1:{open.Addresses[0].Port}"));
        Assert.Equal("200", await CurlAsync(shown, "--connect-to", $"::127.0.0.1:{open.Addresses[0].Port}"));
    }

    [Fact]
    public async Task Start_without_the_secret_says_what_is_missing()
    {
        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(OpenSidecar.Options(_upstream.Uri) with
        {
            ListenerSecret = "default/absent",
            Decryption = Decryption,
        }));

        Assert.Equal("clients cannot be answered over TLS: the secret default/absent is missing", error.Message);
    }

    private void Secret(X509Certificate2 certificate)
    {
        var secret = Directory.CreateDirectory(Path.Combine(_folder.FullName, "default", "api")).FullName;
        File.WriteAllText(Path.Combine(secret, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(secret, "tls.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string> CurlAsync(X509Certificate2? shown, params string[] options)
    {
        string[] identity = shown is null
            ? []
            : ["--cert", Write("client.pem", shown.ExportCertificatePem()), "--key", Write("client.key", shown.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())];
        using var curl = Process.Start(new ProcessStartInfo(
            "curl",
            ["-s", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", Write("trusted.pem", _authority.Pem), .. identity, .. options, $"https://localhost:{_sidecar.Addresses[0].Port}/x"])
        {
            RedirectStandardOutput = true,
        })!;
        var status = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        return status;
    }

    private List<FlowRecord> Flows() => _flows.All();
}
