using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Run;

/// <summary>Two names on one address and port: TLS to the one that is allowed passes untouched, to the other it is reset.</summary>
public sealed class ServerNameTests(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Curl_reaches_the_allowed_name_and_not_the_other_of_the_same_address()
    {
        using var certificate = Certify();
        await using var server = await WorldServer.StartAsync(world.Network.Namespace, 0, HttpProtocols.Http1AndHttp2, certificate);
        foreach (var host in new[] { $"{world.Network.V4(2)}", $"[{world.Network.V6(2)}]" })
        {
            var policy = Policies.Egress($$"""
                - toCIDR: ["{{world.Network.V4(0)}}/24", "{{world.Network.V6(0)}}/64"]
                  toPorts: [{ports: [{port: "{{server.Port}}", protocol: TCP}], serverNames: [a.example]}]
                """);

            var allowed = await FetchAsync(policy, server.Port, host, "a.example");
            var denied = await FetchAsync(policy, server.Port, host, "b.example");

            Assert.True(allowed is { ExitCode: 0 } && allowed.Output == $"GET a.example:{server.Port} /", $"{host}: {allowed}");
            Assert.Equal((35, ""), (denied.ExitCode, denied.Output)); // curl: no handshake
            Assert.Contains("b.example", denied.Errors);
        }

        Assert.DoesNotContain(server.Requests, static request => request.Contains("b.example", StringComparison.Ordinal));
    }

    private static Task<CommandResult> FetchAsync(string policy, int port, string host, string name) => ConfinedCommand.RunAsync(
        policy, ["curl", "-sk", "-m", "20", "--resolve", $"{name}:{port}:{host}", $"https://{name}:{port}/"]);

    private static X509Certificate2 Certify()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=world.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
    }
}
