using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Enforcement.Client;
using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>Requests of a client behind the door to real servers on loopback.</summary>
public sealed class PolicyProxyHandlerTests
{
    private const string Host = "- toEntities: [host]";

    [Fact]
    public async Task Request_that_a_rule_allows_passes_and_another_one_is_refused_with_a_flow()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld(Http(server.Port, """{method: GET, path: "/public"}"""));

        Assert.Equal((200, "GET /public"), await world.GetAsync($"http://localhost:{server.Port}/public"));
        Assert.Equal((403, "Access denied\r\n"), await world.GetAsync($"http://127.0.0.1:{server.Port}/private?x=1"));

        var denial = Assert.Single(world.Denials);
        Assert.Equal(
            (VerdictReason.NoRuleMatched, $"http://127.0.0.1:{server.Port}/private?x=1"), (denial.Reason, Assert.IsType<HttpRecord>(denial.L7).Url));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Denial_by_exception_names_reason_and_place_but_no_query()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld(
            Http(server.Port, """{method: GET, path: "/public"}"""), static options => options.Denied = DeniedRequest.Throw);

        var error = await Assert.ThrowsAsync<PolicyProxyDeniedException>(() => world.GetAsync($"http://127.0.0.1:{server.Port}/private?secret=1"));

        Assert.Equal((VerdictReason.NoRuleMatched, HttpStatusCode.Forbidden), (error.Reason, error.StatusCode));
        Assert.Contains($"GET http://127.0.0.1:{server.Port}/private is denied", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Target_that_servers_read_in_different_ways_is_a_bad_request()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld(Http(server.Port, """{path: "/public/.*"}"""));
        var uri = new Uri($"http://127.0.0.1:{server.Port}/public/a%2Fb/../../private", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);

        Assert.Equal(400, (await world.SendAsync(request)).Status);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Audit_lets_a_denied_request_pass_and_reports_it()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld(Http(server.Port, """{method: GET, path: "/public"}"""), static options => options.Audit = true);

        Assert.Equal(200, (await world.GetAsync($"http://127.0.0.1:{server.Port}/private")).Status);
        Assert.Contains(world.Flows, static flow => flow is { Verdict: FlowVerdict.Audit, Reason: VerdictReason.NoRuleMatched });
    }

    [Fact]
    public async Task Requests_on_one_http2_connection_are_judged_one_by_one()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback, HttpProtocols.Http2);
        using var world = new ClientWorld(Http(server.Port, """{method: GET, path: "/public"}"""));
        var url = $"http://127.0.0.1:{server.Port}";

        Assert.Equal(200, (await world.GetAsync($"{url}/public", HttpVersion.Version20)).Status);
        Assert.Equal(403, (await world.GetAsync($"{url}/private", HttpVersion.Version20)).Status);
        Assert.Equal(200, (await world.GetAsync($"{url}/public", HttpVersion.Version20)).Status);
        Assert.Single(server.Requests.Select(static request => request.Connection).Distinct());
    }

    [Fact]
    public async Task Connection_that_new_policies_do_not_admit_is_closed_at_the_next_request()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld(Host);
        var url = $"http://127.0.0.1:{server.Port}/a";
        Assert.Equal(200, (await world.GetAsync(url)).Status);

        world.Replace("- toCIDR: [192.0.2.0/24]");
        Assert.Equal(403, (await world.GetAsync(url)).Status);

        world.Replace(Host);
        Assert.Equal(200, (await world.GetAsync(url)).Status);
        Assert.Equal(2, server.Requests.Select(static request => request.Connection).Distinct().Count());
    }

    [Fact]
    public async Task Header_that_a_rule_sets_is_sent_and_gone_afterwards()
    {
        await using var other = await WebServer.StartAsync(IPAddress.Loopback, show: "x-token");
        await using var server = await WebServer.StartAsync(IPAddress.Loopback, show: "x-token");
        const string Token = """{path: "/(token|to.*)", headerMatches: [{name: x-token, value: s3cret, mismatch: REPLACE}]}""";
        using var world = new ClientWorld($"{Http(server.Port, Token)}\n{Http(other.Port, "{}")}");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{server.Port}/token");
        request.Headers.Add("x-token", "own");

        Assert.Equal((200, "GET /token|x-token=s3cret"), await world.SendAsync(request));
        Assert.Equal(["own"], request.Headers.GetValues("x-token"));
        Assert.Equal((200, "GET /b|x-token="), await world.GetAsync($"http://127.0.0.1:{server.Port}/to?302&http://127.0.0.1:{other.Port}/b"));
    }

    [Fact]
    public async Task Cookies_of_the_container_are_judged_with_the_request()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback, show: "cookie");
        using var world = new ClientWorld(Http(server.Port, """{path: "/cookie"}""", """{path: "/with", headers: ["cookie: seen=yes"]}"""));
        var url = $"http://127.0.0.1:{server.Port}";

        Assert.Equal(403, (await world.GetAsync($"{url}/with")).Status);
        Assert.Equal(200, (await world.GetAsync($"{url}/cookie")).Status);
        Assert.Equal((200, "GET /with|cookie=seen=yes"), await world.GetAsync($"{url}/with"));
    }

    [Fact]
    public void Synchronous_request_is_not_sent_past_the_door()
    {
        using var world = new ClientWorld(Host);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:9/");
        Assert.Throws<NotSupportedException>(() => world.Client.Send(request));
    }

    [Fact]
    public async Task Request_for_http3_only_is_not_sent_past_the_door()
    {
        using var world = new ClientWorld(Host);
        await Assert.ThrowsAsync<NotSupportedException>(() => world.GetAsync("https://127.0.0.1:9/", HttpVersion.Version30));
    }

    internal static string Http(int port, params string[] rules) =>
        $$"""
        - toEntities: [host]
          toPorts:
          - ports: [{port: "{{port}}", protocol: TCP}]
            rules: {http: [{{string.Join(", ", rules)}}]}
        """;
}
