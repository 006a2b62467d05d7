using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Gate;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>Requests over TLS: inside the client they are judged like any other, and the server name with them.</summary>
public sealed class TlsTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1, "1.1")]
    [InlineData(HttpProtocols.Http2, "2.0")]
    public async Task Request_over_tls_is_judged_by_server_name_and_path(HttpProtocols protocols, string version)
    {
        using var certificate = Certificate();
        await using var server = await WebServer.StartAsync(IPAddress.Loopback, protocols, certificate);
        using var world = new ClientWorld(
            $$"""
            - toEntities: [host]
              toPorts:
              - ports: [{port: "{{server.Port}}", protocol: TCP}]
                serverNames: [good.example.com]
            """,
            transport: new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        world.Names["good.example.com"] = world.Names["evil.example.com"] = [IPAddress.Loopback];

        Assert.Equal((200, "GET /a"), await world.GetAsync($"https://good.example.com:{server.Port}/a", Version.Parse(version)));
        Assert.Equal(403, (await world.GetAsync($"https://evil.example.com:{server.Port}/a", Version.Parse(version))).Status);
        Assert.Equal(403, (await world.GetAsync($"https://127.0.0.1:{server.Port}/a", Version.Parse(version))).Status);
        Assert.Equal(403, (await world.GetAsync($"http://good.example.com:{server.Port}/a")).Status);
        Assert.All(world.Denials, static flow => Assert.Equal(VerdictReason.NoRuleMatched, flow.Reason));
        Assert.Single(server.Requests);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=good.example.com", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
