using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Relay.Sockets;
using PolicyProxy.Sidecar.Tests.Relay.Origins;
using PolicyProxy.TestKit.Http;
using static PolicyProxy.Sidecar.Tests.Relay.Origins.TransparentBench;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>HTTP/2 with prior knowledge on redirected connections.</summary>
public sealed class RedirectedHttp2Tests
{
    private const string Http = "rules: {http: [{method: GET, path: \"/ok.*\"}]}";

    [Fact]
    public async Task Requests_of_one_client_to_two_servers_reach_each_its_own()
    {
        await using var a = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var b = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var bench = await StartAsync(EgressPolicy(To(a.Address, Http), To(b.Address, "rules: {http: [{}]}")));
        using var client = Client(bench);

        foreach (var (server, path) in new[] { (a, "/ok/1"), (b, "/any"), (a, "/ok/2"), (b, "/ok/3") })
        {
            using var response = await client.SendAsync(Request(server.Address, path), CancellationToken.None);
            Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (response.StatusCode, response.Version));
            Assert.StartsWith($"GET {path} HTTP/2", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var denied = await client.SendAsync(Request(a.Address, "/any"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        Assert.Equal((2, 2, 2), (a.Requests, b.Requests, bench.Server.Counters.HandedOver));
    }

    [Fact]
    public async Task Name_in_the_request_does_not_choose_the_server()
    {
        await using var a = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var b = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var bench = await StartAsync(EgressPolicy(To(a.Address, Http), To(b.Address, Http)));
        using var client = Client(bench);
        using var request = Request(a.Address, "/ok");
        request.Headers.Host = b.Address.ToString();

        using var response = await client.SendAsync(request, CancellationToken.None);

        Assert.Contains($"host: {b.Address}", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (a.Requests, b.Requests));
    }

    [Fact]
    public async Task Connection_is_egress_of_its_process_also_when_the_subject_changes()
    {
        await using var upstream = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        var policy = EgressPolicy(To(upstream.Address, Http));
        await using var bench = await StartAsync(policy);
        using var client = Client(bench);

        using var before = await client.SendAsync(Request(upstream.Address, "/ok"), CancellationToken.None);
        await bench.ReloadAsync($"{policy}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: default, labels: {{team: shop}}}}");
        using var after = await client.SendAsync(Request(upstream.Address, "/ok"), CancellationToken.None);
        using var denied = await client.SendAsync(Request(upstream.Address, "/no"), CancellationToken.None);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Forbidden), (before.StatusCode, after.StatusCode, denied.StatusCode));
        var flows = bench.Seen();
        Assert.All(flows, flow => Assert.Equal((TrafficDirection.Egress, TestRedirection.Process), (flow.Direction, flow.Process)));
        Assert.True(flows.Select(static flow => flow.Source.Identity).Distinct().Count() > 1); // or nothing was tested
    }

    [Theory]
    [InlineData("originatingTLS")]
    [InlineData("terminatingTLS")]
    public async Task Open_connection_sends_nothing_more_once_a_rule_asks_for_TLS(string context)
    {
        await using var upstream = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var bench = await StartAsync(EgressPolicy(To(upstream.Address, Http)));
        using var client = Client(bench);

        using var before = await client.SendAsync(Request(upstream.Address, "/ok"), CancellationToken.None);
        await bench.ReloadAsync(EgressPolicy(To(upstream.Address, $"{context}: {{secret: {{name: any}}}}, {Http}")));
        using var after = await client.SendAsync(Request(upstream.Address, "/ok"), CancellationToken.None);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadGateway, 1), (before.StatusCode, after.StatusCode, upstream.Requests));
        Assert.Equal(1, bench.Server.Counters.HandedOver);
        Assert.Contains(bench.Seen(), static flow => flow.Note == "a rule has a TLS context now, and the client speaks HTTP/2 in the open");
    }

    [Fact]
    public async Task Inbound_connection_shows_its_client_and_shares_no_connection_with_another()
    {
        await using var app = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var bench = await StartAsync(IngressPolicy(Rule(app.Address.Port)));
        var pod = new IPEndPoint(IPAddress.Parse("198.51.100.2"), app.Address.Port);

        for (var i = 1; i <= 2; i++)
        {
            using var client = new HttpMessageInvoker(bench.Redirection.Handler(bench.Ingress));
            using var first = await client.SendAsync(Request(pod, "/ok"), CancellationToken.None);
            using var second = await client.SendAsync(Request(pod, "/ok"), CancellationToken.None);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
            Assert.Equal(i, bench.Redirection.Shown.Distinct().Count());
        }

        Assert.Equal(2, bench.Redirection.Shown.Count);
    }

    [Fact]
    public async Task Inbound_connection_whose_client_cannot_be_shown_is_not_forwarded()
    {
        await using var app = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var bench = await StartAsync(IngressPolicy(Rule(app.Address.Port)));
        bench.Redirection.ShowError = Libc.ENOPROTOOPT;
        using var client = new HttpMessageInvoker(bench.Redirection.Handler(bench.Ingress));

        using var response = await client.SendAsync(Request(new IPEndPoint(IPAddress.Parse("198.51.100.2"), app.Address.Port), "/ok"), CancellationToken.None);

        Assert.Equal((HttpStatusCode.BadGateway, 0), (response.StatusCode, app.Requests));
    }

    private static string Rule(int port) =>
        """{fromEntities: [all], toPorts: [{ports: [{port: "PORT", protocol: TCP}], rules: {http: [{path: /ok}]}}]}"""
            .Replace("PORT", $"{port}", StringComparison.Ordinal);

    private static HttpMessageInvoker Client(TransparentBench bench) => new(bench.Redirection.Handler(bench.Egress));

    private static HttpRequestMessage Request(IPEndPoint server, string path) => OpenSidecar.Http2Request(server, path);
}
