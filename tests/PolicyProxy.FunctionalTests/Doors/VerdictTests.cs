using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>What a client sees is the same through every door (semantics 5.3 and 5.5).</summary>
public sealed class VerdictTests
{
    private const string PublicRule = """{method: GET, path: "/api/.*"}""";

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Request_allowed_by_a_rule_reaches_the_application(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup(PublicRule));

        var response = await door.SendAsync(ShopPolicies.Get("/api/orders?id=7"));

        Assert.Equal(200, response.Status);
        Assert.NotNull(response.Header("x-reached"));
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Request_without_a_matching_rule_gets_the_denial_of_Cilium(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup(PublicRule));

        var response = await door.SendAsync(ShopPolicies.Get("/admin"));

        Assert.Equal(403, response.Status);
        Assert.Equal("Access denied\r\n", response.Body);
        Assert.Equal("15", response.Header("content-length"));
        Assert.Equal("text/plain", response.Header("content-type"));
        Assert.Null(response.Header("x-reached"));
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Denied_HEAD_gets_headers_only_and_the_connection_stays_open(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup(PublicRule));
        using var connection = await RawHttpConnection.ConnectAsync(door.Address, ShopPolicies.Client);

        var denied = await connection.SendAsync("HEAD /admin HTTP/1.1\r\nHost: api\r\n\r\n");
        var allowed = await connection.SendAsync("GET /api/x HTTP/1.1\r\nHost: api\r\n\r\n");

        Assert.Equal(403, denied.Status);
        Assert.Equal("15", denied.Header("content-length"));
        Assert.Equal(200, allowed.Status);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Connection_of_a_peer_no_rule_names_is_reset(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup(PublicRule));

        var response = await door.SendAsync(ShopPolicies.Get("/api/x") with { Source = ShopPolicies.Stranger });

        Assert.Equal(0, response.Status);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Refused_connection_is_answered_when_so_configured(DoorKind kind)
    {
        var setup = ShopPolicies.Setup(PublicRule) with
        {
            Options = static options => options.RefusedConnection = Enforcement.AspNetCore.RefusedConnection.Respond,
        };
        await using var door = await DoorClient.StartAsync(kind, setup);

        var response = await door.SendAsync(ShopPolicies.Get("/api/x") with { Source = ShopPolicies.Stranger });

        Assert.Equal(403, response.Status);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Audited_denial_is_let_through(DoorKind kind)
    {
        var setup = ShopPolicies.Setup(PublicRule) with { Options = static options => options.Audit = true };
        await using var door = await DoorClient.StartAsync(kind, setup);

        var response = await door.SendAsync(ShopPolicies.Get("/admin"));

        Assert.Equal(200, response.Status);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Host_is_matched_as_the_client_sent_it(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{host: "Api[.]shop:99"}"""));

        var same = await door.SendAsync(ShopPolicies.Get("/") with { Host = "Api.shop:99" });
        var lower = await door.SendAsync(ShopPolicies.Get("/") with { Host = "api.shop:99" });
        var none = await door.SendAsync(ShopPolicies.Get("/") with { Host = null });

        Assert.Equal([200, 403, 403], [same.Status, lower.Status, none.Status]);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Header_lines_are_joined_before_they_are_compared(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{headers: ["X-Team a,b"]}"""));

        var joined = await door.SendAsync(ShopPolicies.Get("/") with { Headers = [("x-team", "a"), ("X-Team", "b")] });
        var first = await door.SendAsync(ShopPolicies.Get("/") with { Headers = [("x-team", "a")] });

        Assert.Equal([200, 403], [joined.Status, first.Status]);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Header_edits_of_the_verdict_reach_the_application(DoorKind kind)
    {
        const string Rule = """
            {path: "/", headerMatches: [
              {name: x-add, value: "1", mismatch: ADD},
              {name: x-set, value: "2", mismatch: REPLACE},
              {name: x-del, value: "3", mismatch: DELETE}]}
            """;
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup(Rule.ReplaceLineEndings(" ")));

        var response = await door.SendAsync(ShopPolicies.Get("/") with { Headers = [("x-set", "bad"), ("x-del", "bad")] });

        Assert.Equal(200, response.Status);
        Assert.Contains("x-add: 1", response.Body, StringComparison.Ordinal);
        Assert.Contains("x-set: 2", response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("bad", response.Body, StringComparison.Ordinal);
    }
}
