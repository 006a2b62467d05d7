using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Spiffe;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>A secret that a rule adds goes to the server whose name TLS has verified, and to no other.</summary>
public sealed class SecretHeaderTests
{
    private const string Secret = "s3cr3t-bearer";

    public static TheoryData<string, bool> Transports => new()
    {
        { "verifies", true },
        { "callback", false }, // it may accept anything, so it proves nothing
        { "target host", false },
        { "plain", false },
    };

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Secret_is_sent_only_where_the_transport_verifies_the_name(string kind, bool isSent)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue(new TestLeaf { DnsName = "api.example.com" });
        await using var server = await WebServer.StartAsync(IPAddress.Loopback, HttpProtocols.Http1, kind == "plain" ? null : certificate, "Authorization");
        using var world = World(server.Port, kind, authority);

        var (status, text) = await world.GetAsync($"{(kind == "plain" ? "http" : "https")}://api.example.com:{server.Port}/a");

        Assert.Equal(isSent ? (200, $"GET /a|Authorization={Secret}") : (403, "Access denied\r\n"), (status, text));
        Assert.Equal(isSent ? [] : [VerdictReason.SecretWithheld], world.Denials.Select(static flow => flow.Reason));
        Assert.DoesNotContain(world.Flows, static flow => flow.ToString().Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secret_does_not_follow_a_redirect_to_another_name()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue(new TestLeaf { DnsName = "*.example.com" });
        await using var server = await WebServer.StartAsync(IPAddress.Loopback, HttpProtocols.Http1, certificate, "Authorization");
        using var world = World(server.Port, "verifies", authority);

        Assert.Equal(
            (200, "GET /b|Authorization="), await world.GetAsync($"https://api.example.com:{server.Port}/to?302&https://other.example.com:{server.Port}/b"));
        Assert.Equal(403, (await world.GetAsync($"https://api.example.com:{server.Port}/to?302&https://third.example.com:{server.Port}/b")).Status);
    }

    [Fact]
    public async Task Exception_of_a_withheld_secret_does_not_tell_it()
    {
        using var authority = new TestAuthority();
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = World(server.Port, "plain", authority, static options => options.Denied = Enforcement.Client.DeniedRequest.Throw);
        var error = await Assert.ThrowsAsync<Enforcement.Client.PolicyProxyDeniedException>(() => world.GetAsync($"http://api.example.com:{server.Port}/a"));
        Assert.Equal(VerdictReason.SecretWithheld, error.Reason);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    private static ClientWorld World(int port, string kind, TestAuthority authority, Action<Enforcement.Client.PolicyProxyHandlerOptions>? configure = null)
    {
        var tls = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        tls.CertificateChainPolicy.CustomTrustStore.Add(authority.Certificate);
        switch (kind)
        {
            case "callback":
                tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
                break;
            case "target host":
                tls.TargetHost = "api.example.com";
                break;
            default:
                break;
        }

        var world = new ClientWorld(
            $$$"""
            - toCIDR: [127.0.0.0/8]
              toPorts:
              - ports: [{port: "{{{port}}}", protocol: TCP}]
                rules:
                  http:
                  - host: "api\\.example\\.com:[0-9]+"
                    headerMatches: [{name: Authorization, mismatch: REPLACE, secret: {name: token}}]
                  - host: "other\\.example\\.com:[0-9]+"
            """,
            options =>
            {
                options.GuardSpecialNetworks = false;
                options.LoopbackIsHost = false;
                configure?.Invoke(options);
            },
            new SocketsHttpHandler { SslOptions = tls },
            objects:
            $$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: token, namespace: default}
            stringData: {value: {{Secret}}}
            """);
        world.Names["api.example.com"] = world.Names["other.example.com"] = world.Names["third.example.com"] = [IPAddress.Loopback];
        return world;
    }
}
