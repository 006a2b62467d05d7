using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>Policies change while connections live.</summary>
public sealed class ReloadTests
{
    private const string Allowed = "GET /a HTTP/1.1\r\nHost: api\r\n\r\n";
    private const string Denied = "GET /b HTTP/1.1\r\nHost: api\r\n\r\n";

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Open_connection_sees_a_new_policy_at_its_next_request(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{path: "/a"}"""));
        using var connection = await RawHttpConnection.ConnectAsync(door.Address, ShopPolicies.Client);

        var before = await connection.SendAsync(Denied);
        await door.ReplaceAsync([ShopPolicies.Allow("""{path: "/b"}"""), ShopPolicies.Inventory]);
        var after = await connection.SendAsync(Denied);

        Assert.Equal([403, 200], [before.Status, after.Status]);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Open_connection_of_a_peer_no_longer_admitted_is_reset_at_its_next_request(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{path: "/a"}"""));
        using var connection = await RawHttpConnection.ConnectAsync(door.Address, ShopPolicies.Client);

        var before = await connection.SendAsync(Allowed);
        await door.ReplaceAsync([ShopPolicies.Allow("""{path: "/a"}""").Replace("app: client", "app: nobody", StringComparison.Ordinal), ShopPolicies.Inventory]);
        var after = await connection.SendAsync(Allowed);

        Assert.Equal([200, 0], [before.Status, after.Status]);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Bad_policies_leave_the_last_good_ones_in_force(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{path: "/a"}"""));

        await door.ReplaceAsync([ShopPolicies.Allow("""{path: "/("}"""), ShopPolicies.Inventory]);
        var allowed = await door.SendAsync(ShopPolicies.Get("/a"));
        var denied = await door.SendAsync(ShopPolicies.Get("/b"));

        Assert.Equal([200, 403], [allowed.Status, denied.Status]);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Requests_during_reloads_are_never_judged_by_half_a_policy(DoorKind kind)
    {
        const int Reloads = 100;
        string[][] versions =
        [
            [ShopPolicies.Allow("""{path: "/a"}""", """{path: "/x"}"""), ShopPolicies.Inventory],
            [ShopPolicies.Inventory, ShopPolicies.Allow("""{path: "/y"}""", """{path: "/[a]"}""")],
        ];
        await using var door = await DoorClient.StartAsync(kind, new DoorSetup { Texts = versions[0], SubjectLabels = "app=api" });
        using var reloaded = new CancellationTokenSource();

        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            using var connection = await RawHttpConnection.ConnectAsync(door.Address, ShopPolicies.Client);
            var statuses = new List<(int Allowed, int Denied)>();
            do
            {
                statuses.Add(((await connection.SendAsync(Allowed)).Status, (await connection.SendAsync(Denied)).Status));
            }
            while (!reloaded.IsCancellationRequested);

            return statuses;
        })).ToList();
        for (var i = 1; i <= Reloads; i++)
        {
            await door.ReplaceAsync(versions[i % 2]);
        }

        await reloaded.CancelAsync();
        var all = (await Task.WhenAll(clients)).SelectMany(static statuses => statuses).ToList();

        Assert.All(all, static status => Assert.Equal((200, 403), status));
    }
}
