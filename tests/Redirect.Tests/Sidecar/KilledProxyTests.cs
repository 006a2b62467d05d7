using PolicyProxy.Redirect.Tests.Run;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>A proxy that dies under load closes the gate and does not open it; the next one takes over.</summary>
[Collection(SidecarCollection.Name)]
public sealed class KilledProxyTests(World world)
{
    // Each line is one round of one thread: what became of the four kinds of requests.
    internal const string Load = """
        import http.client, sys, threading
        def get(host, port, path):
            try:
                c = http.client.HTTPConnection(host, port, timeout=10)
                c.request("GET", path)
                status = c.getresponse().status
                c.close()
                return str(status)
            except PermissionError: return "refused"
            except ConnectionRefusedError: return "closed"
            except OSError: return "broken"
            except http.client.HTTPException: return "broken"
        one_at_a_time = threading.Lock()
        def work(l7, l4, denied):
            while True:
                line = f"l7={get(l7, 8080, '/ok')} path={get(l7, 8080, '/no')} l4={get(l4, 8081, '/any')} denied={get(denied, 8081, '/x')}"
                with one_at_a_time: print(line, flush=True)
        for three in [sys.argv[1:4], sys.argv[4:7]] * 2:
            threading.Thread(target=work, args=three).start()
        """;

    [Fact]
    public async Task Proxy_killed_under_load_closes_layer_7_keeps_layer_4_and_the_next_one_serves()
    {
        var net = world.Network;
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);
        var load = sidecar.Start("python3", "-c", Load, $"{net.V4(5)}", $"{net.V4(3)}", $"{net.V4(6)}", $"{net.V6(5)}", $"{net.V6(3)}", $"{net.V6(6)}");
        Rounds(load, "l7=200 path=403 l4=200 denied=refused", 40);

        await sidecar.KillAsync();
        Settle(load);
        var before = (Layer7Requests(), Layer7Packets());
        var deadRounds = Enumerable.Range(0, 80).Select(_ => load.Next()).ToList();

        Assert.All(deadRounds, static round => Assert.Equal("l7=closed path=closed l4=200 denied=refused", round));
        Assert.Equal(before, (Layer7Requests(), Layer7Packets()));

        await sidecar.StartAsync();
        Rounds(load, "l7=200 path=403 l4=200 denied=refused", 40);

        Assert.True(Layer7Requests() > before.Item1);
        Assert.Equal(0, world.Packets.CountTo(net.V4(6)) + world.Packets.CountTo(net.V6(6)));
        Assert.DoesNotContain(world.Server.Requests, request => request.EndsWith(" /no", StringComparison.Ordinal) && IsLayer7(request));
        Assert.DoesNotContain(world.Packets.Seen.Keys, key => key.Contains($"{net.V4(5)}:8081", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Proxy_stopped_leaves_policy_in_force_and_says_how_to_end_it()
    {
        var net = world.Network;
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);

        Assert.Equal(0, await sidecar.StopAsync());

        Assert.Contains($"policyproxy detach {sidecar.Instance}", sidecar.Errors);
        Assert.Equal("000", await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", $"http://{net.V4(2)}:8080/ok"));
        Assert.Equal("200", await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", $"http://{net.V4(3)}:8081/"));
    }

    [Fact]
    public async Task Second_proxy_of_an_instance_is_refused_and_the_first_goes_on()
    {
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => sidecar.StartAsync());

        Assert.Contains("another process serves", refused.Message);
        Assert.Equal("200", await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", $"http://{world.Network.V4(2)}:8080/ok"));
    }

    // Four threads: after eight rounds each has had one from before and one from after.
    internal static void Settle(Workload load)
    {
        load.Skip();
        _ = load.Until(static round => round.StartsWith("l7=closed path=closed", StringComparison.Ordinal));
        for (var round = 0; round < 16; round++)
        {
            _ = load.Next();
        }
    }

    private static void Rounds(Workload load, string expected, int count)
    {
        load.Skip();
        for (var round = 0; round < count; round++)
        {
            _ = load.Until(line => line == expected);
        }
    }

    private bool IsLayer7(string request) => request.Contains($"{world.Network.V4(5)}:", StringComparison.Ordinal) || request.Contains($"[{world.Network.V6(5)}]:", StringComparison.Ordinal);

    private int Layer7Requests() => world.Server.Requests.Count(IsLayer7);

    private int Layer7Packets() => world.Packets.CountTo(world.Network.V4(5)) + world.Packets.CountTo(world.Network.V6(5));
}
