using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.TestKit.Rotation;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>Rules for names, with servers on an address that is no special one.</summary>
public sealed class NameTests
{
    private const string Good = "- toFQDNs: [{matchName: good.example.com}]";

    [Fact]
    public async Task Name_that_a_rule_allows_opens_its_address_for_itself_only()
    {
        using var address = PublicAddress.Create();
        await using var server = await WebServer.StartAsync(address.Address);
        using var world = new ClientWorld(Good);
        world.Names["good.example.com"] = world.Names["evil.example.com"] = [address.Address];

        Assert.Equal((200, "GET /a"), await world.GetAsync($"http://good.example.com:{server.Port}/a"));
        Assert.Equal(403, (await world.GetAsync($"http://evil.example.com:{server.Port}/a")).Status);
        Assert.Equal(403, (await world.GetAsync($"http://{address.Address}:{server.Port}/a")).Status);
        Assert.Equal([VerdictReason.NameNotAllowed, VerdictReason.NameNotVisible], world.Denials.Select(static flow => flow.Reason));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Host_field_of_another_name_does_not_travel_to_the_address_of_the_first()
    {
        using var address = PublicAddress.Create();
        await using var server = await WebServer.StartAsync(address.Address);
        using var world = new ClientWorld(Good);
        world.Names["good.example.com"] = [address.Address];
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://good.example.com:{server.Port}/a");
        request.Headers.Host = "evil.example.com";

        Assert.Equal(403, (await world.SendAsync(request)).Status);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Binding_of_cilium_opens_the_address_for_every_name()
    {
        using var address = PublicAddress.Create();
        await using var server = await WebServer.StartAsync(address.Address);
        using var world = new ClientWorld(Good, static options => options.FqdnBinding = FqdnBinding.Cilium);
        world.Names["good.example.com"] = world.Names["evil.example.com"] = [address.Address];

        Assert.Equal(200, (await world.GetAsync($"http://good.example.com:{server.Port}/a")).Status);
        Assert.Equal(200, (await world.GetAsync($"http://evil.example.com:{server.Port}/a")).Status);
    }

    [Fact]
    public async Task Name_that_leads_to_a_special_address_opens_nothing()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        foreach (var text in new[] { "127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "168.63.129.16", "fe80::1" })
        {
            using var world = new ClientWorld(Good);
            world.Names["good.example.com"] = [IPAddress.Parse(text)];
            Assert.Equal(403, (await world.GetAsync($"http://good.example.com:{server.Port}/a")).Status);
            Assert.Equal(VerdictReason.DefaultDeny, Assert.Single(world.Denials).Reason);
        }

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Rule_for_the_network_opens_a_special_address()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld("- toCIDR: [127.0.0.0/8]", static options => options.LoopbackIsHost = false);
        using var asHost = new ClientWorld("- toCIDR: [127.0.0.0/8]");
        using var wide = new ClientWorld("- toCIDR: [0.0.0.0/0]", static options => options.LoopbackIsHost = false);

        Assert.Equal(200, (await world.GetAsync($"http://127.0.0.1:{server.Port}/a")).Status);
        Assert.Equal(403, (await asHost.GetAsync($"http://127.0.0.1:{server.Port}/a")).Status);
        Assert.Equal(403, (await wide.GetAsync($"http://127.0.0.1:{server.Port}/a")).Status);
    }

    [Fact]
    public async Task Client_without_policies_for_it_reaches_no_special_address_unless_the_guard_is_off()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        const string OfOthers = "- toEntities: [all]";
        using var guarded = new ClientWorld(OfOthers);
        using var open = new ClientWorld(OfOthers, static options => options.GuardSpecialNetworks = false);

        Assert.Equal(403, (await guarded.GetAsync($"http://127.0.0.1:{server.Port}/a")).Status);
        Assert.Equal(200, (await open.GetAsync($"http://127.0.0.1:{server.Port}/a")).Status);
    }

    [Fact]
    public async Task Name_that_is_bound_to_another_address_later_is_judged_by_that()
    {
        using var address = PublicAddress.Create();
        await using var server = await WebServer.StartAsync(address.Address);
        var time = new SimulatedTime();
        using var world = new ClientWorld(Good, transport: new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }, time: time);
        world.Names["good.example.com"] = [address.Address];
        var url = $"http://good.example.com:{server.Port}/a";
        Assert.Equal(200, (await world.GetAsync(url)).Status);

        world.Names["good.example.com"] = [IPAddress.Loopback];
        Assert.Equal(200, (await world.GetAsync(url)).Status);
        time.Pass(world.Options.AddressLifetime);

        Assert.Equal(403, (await world.GetAsync(url)).Status);
    }

    [Fact]
    public async Task Name_without_an_address_fails_as_it_does_without_the_door()
    {
        using var world = new ClientWorld(Good);
        world.Names["good.example.com"] = [];
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => world.GetAsync("http://good.example.com/"));
        Assert.Equal(HttpRequestError.NameResolutionError, error.HttpRequestError);
    }

    [Fact]
    public async Task Request_passes_only_if_every_address_of_its_name_allows_it()
    {
        using var one = PublicAddress.Create();
        using var two = PublicAddress.Create();
        await using var server = await WebServer.StartAsync(one.Address);
        using var world = new ClientWorld(
            $$$"""
            - toCIDR: [{{{one.Address}}}/32]
              toPorts: [{ports: [{port: "{{{server.Port}}}", protocol: TCP}], rules: {http: [{path: "/both"}, {path: "/one"}]}}]
            - toCIDR: [{{{two.Address}}}/32]
              toPorts: [{ports: [{port: "{{{server.Port}}}", protocol: TCP}], rules: {http: [{path: "/both"}]}}]
            """);
        world.Names["pair.example.com"] = [one.Address, two.Address];

        Assert.Equal(200, (await world.GetAsync($"http://pair.example.com:{server.Port}/both")).Status);
        Assert.Equal(403, (await world.GetAsync($"http://pair.example.com:{server.Port}/one")).Status);
        Assert.Equal(two.Address, Assert.Single(world.Denials).Destination.Address?.Address);
    }
}
