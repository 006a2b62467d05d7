namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>Request-targets that one server reads as <c>/api/…</c> and another as <c>/admin</c> never get through.</summary>
public sealed class TargetAttackTests
{
    private const string ApiRule = """{path: "/api/.*"}""";

    public static TheoryData<DoorKind, string> Attacks()
    {
        var data = new TheoryData<DoorKind, string>();
        foreach (var kind in Enum.GetValues<DoorKind>())
        {
            foreach (var target in (string[])[
                "/api/../admin", "/api/%2e%2e/admin", "/api/.%2E/admin", "//admin", "/api/..%2fadmin", "/api/..%5cadmin", "/api/..\\admin",
                "/api;x/../admin", "/api/..;/admin", "/api/x/../../admin", "/api/#/../../admin", "/api/%00/../admin"])
            {
                data.Add(kind, target);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Target_with_a_second_reading_is_refused(DoorKind kind, string target)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup(ApiRule));

        var response = await door.SendAsync(ShopPolicies.Get(target));

        Assert.True(response.Status is 400 or 403, $"{target} was answered with {response.Status}");
        Assert.Null(response.Header("x-reached"));
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Absolute_form_is_judged_by_its_own_authority_and_path(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{path: "/api/.*", host: api}"""));

        var same = await door.SendAsync(ShopPolicies.Get("http://api/api/x"));
        var otherPath = await door.SendAsync(ShopPolicies.Get("http://api/admin"));
        var otherHost = await door.SendAsync(ShopPolicies.Get("http://evil/api/x") with { Host = "api" });
        var hiddenHost = await door.SendAsync(ShopPolicies.Get("http://api@evil/api/x") with { Host = "evil" });

        Assert.Equal(200, same.Status);
        Assert.Equal(403, otherPath.Status);
        Assert.Equal(400, otherHost.Status);
        Assert.Equal(400, hiddenHost.Status);
    }

    [Theory]
    [InlineData(DoorKind.Middleware, "OPTIONS", "*")]
    [InlineData(DoorKind.Sidecar, "OPTIONS", "*")]
    [InlineData(DoorKind.Middleware, "CONNECT", "api:80")]
    [InlineData(DoorKind.Sidecar, "CONNECT", "api:80")]
    public async Task Target_without_a_path_is_refused_even_if_every_request_is_allowed(DoorKind kind, string method, string target)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("{}"));

        var response = await door.SendAsync(new DoorRequest(method, target) { Source = ShopPolicies.Client, Host = "api:80" });

        Assert.Equal(400, response.Status);
    }
}
