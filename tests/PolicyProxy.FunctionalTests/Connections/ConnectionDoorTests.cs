using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using PolicyProxy.Flows;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Connections;

/// <summary>The connection middleware: address and server name are judged before TLS, and a refused client gets nothing.</summary>
public sealed class ConnectionDoorTests
{
    private const string Named =
        """
        - fromEntities: [all]
          toPorts:
          - ports: [{port: "8080", protocol: TCP}]
            serverNames: [good.example.com]
        """;

    private const string Clients =
        """
        - fromEndpoints: [{matchLabels: {app: client}}]
          toPorts:
          - ports: [{port: "8080", protocol: TCP}]
            rules:
              http: [{method: GET}]
        """;

    [Theory]
    [InlineData("good.example.com", 0, "GET /a")]
    [InlineData("evil.example.com", 35, "")]
    [InlineData("127.0.0.1", 35, "")] // no server name
    public async Task Server_name_is_judged_before_the_handshake_curl(string host, int exitCode, string body)
    {
        await using var server = await ConnectionHost.StartAsync(Named);

        var (code, output) = await Tool.RunAsync("curl", "-sk", "--resolve", $"{host}:{server.Port}:127.0.0.1", $"https://{host}:{server.Port}/a");

        Assert.Equal((exitCode, body), (code, output));
        Assert.Equal(exitCode == 0 ? [] : [VerdictReason.NoRuleMatched], server.Denials.Select(static flow => flow.Reason));
        Assert.Equal(exitCode != 0, server.Denials.Any(flow => flow.L7 is TlsRecord));
    }

    [Theory]
    [InlineData("-servername good.example.com", true)]
    [InlineData("-servername good.example.com -tls1_2", true)]
    [InlineData("-servername evil.example.com", false)]
    [InlineData("-noservername", false)]
    public async Task Refused_server_name_gets_no_certificate_openssl(string arguments, bool isAllowed)
    {
        await using var server = await ConnectionHost.StartAsync(Named);

        var (_, output) = await Tool.RunAsync("openssl", ["s_client", "-connect", $"127.0.0.1:{server.Port}", .. arguments.Split(' ')]);

        Assert.Equal(isAllowed, output.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal));
        Assert.Equal(!isAllowed, output.Contains("no peer certificate available", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Handshake_that_comes_byte_by_byte_loses_none()
    {
        await using var server = await ConnectionHost.StartAsync(Named);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.EndPoint);
        await using var tls = new SslStream(new SlowStream(socket), leaveInnerStreamOpen: false, static (_, _, _, _) => true);

        await tls.AuthenticateAsClientAsync("good.example.com");
        await tls.WriteAsync("GET /slow HTTP/1.1\r\nHost: good.example.com\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(tls);

        Assert.EndsWith("GET /slow", (await reader.ReadToEndAsync()).Replace("\r\n0\r\n\r\n", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: good.example.com\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0000\u0000")] // an empty record
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0002\u0000\u0000\u0000")] // a ServerHello
    public async Task What_is_no_handshake_is_refused_where_a_name_is_asked_for(string bytes)
    {
        await using var server = await ConnectionHost.StartAsync(Named);
        Assert.Equal(0, (await RawHttpConnection.SendAsync(server.EndPoint, bytes)).Status);
        Assert.Single(server.Denials);
    }

    [Fact]
    public async Task Refused_address_is_reset_before_a_byte_is_read_and_an_allowed_one_is_judged_once()
    {
        await using var server = await ConnectionHost.StartAsync(Clients, listen: static (options, _) => options.UsePolicyProxy());

        Assert.Equal(0, (await RawHttpConnection.SendAsync(server.EndPoint, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ShopPolicies.Stranger)).Status);
        Assert.Equal(VerdictReason.DefaultDeny, Assert.Single(server.Flows).Reason);

        using var client = new HttpClient(FromAddress.Handler(ShopPolicies.Client));
        var url = new Uri($"http://127.0.0.1:{server.Port}/b");
        Assert.Equal("GET /b", await client.GetStringAsync(url));
        Assert.Equal("GET /b", await client.GetStringAsync(url));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync(url, null)).StatusCode);
        Assert.Single(server.Flows, static flow => flow is { Type: FlowType.L3L4, Verdict: FlowVerdict.Redirected });
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(false, false)]
    public async Task Rules_that_look_inside_are_refused_where_nobody_does(bool? requestsAreJudged, bool usesMiddleware)
    {
        await using var server = await ConnectionHost.StartAsync(
            Clients,
            listen: (options, _) => options.UsePolicyProxy(policy => policy.RequestsAreJudged = requestsAreJudged),
            usesMiddleware: usesMiddleware);

        var answer = await RawHttpConnection.SendAsync(server.EndPoint, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", ShopPolicies.Client);

        Assert.Equal(usesMiddleware ? 403 : 0, answer.Status);
        Assert.Equal(usesMiddleware ? VerdictReason.NoRuleMatched : VerdictReason.Unsupported, Assert.Single(server.Denials).Reason);
    }

    [Fact]
    public async Task Name_that_is_not_allowed_any_more_ends_with_the_next_request()
    {
        await using var server = await ConnectionHost.StartAsync(Named);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(server.EndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var url = new Uri($"https://good.example.com:{server.Port}/c");
        Assert.Equal("GET /c", await client.GetStringAsync(url));

        var compilation = await server.Texts.ReplaceAsync(
            server.Services, [ConnectionHost.Policy(Named.Replace("good", "better", StringComparison.Ordinal)), ShopPolicies.Inventory]);

        Assert.True(compilation.Succeeded);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(url)).StatusCode);
    }
}
