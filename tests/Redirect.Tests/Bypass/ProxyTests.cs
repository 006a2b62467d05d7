using PolicyProxy.Redirect.Tests.Run;

namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>The proxy killed or stopped by the command, what a command inherits, and the machine's own services.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    private BypassWorld _world = null!;

    public async Task InitializeAsync() => _world = await BypassWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Killing_the_proxy_leaves_refusals_and_what_needs_no_proxy()
    {
        var result = await ConfinedCommand.RunAsync(_world.Policy, _world.Command("dead.py", Aim.Root));

        Assert.Equal(137, result.ExitCode);
        var attempts = Attempts.Read(result.Output);
        foreach (var refused in new[] { "tcp_ipv4", "tcp_ipv6", "udp_ipv4", "udp_ipv6", "port_of_the_dead" })
        {
            Assert.Equal((refused, "EPERM"), (refused, attempts[refused].Outcome));
        }

        // The listener of a process that is being torn down resets what has just got into its queue.
        string[] ends = ["ECONNREFUSED", "ECONNRESET"];
        Assert.Contains(attempts["judged_host_ipv4"].Outcome, ends);
        Assert.Contains(attempts["judged_host_ipv6"].Outcome, ends);
        Assert.Equal("ping", attempts["open_tcp_ipv4"].Outcome);
        Assert.Equal("ping", attempts["open_udp_ipv4"].Outcome);
        await _world.ArrivedAsync();
        Assert.Equal(0, _world.Packets.CountTo(_world.Network.V4(4)) + _world.Packets.CountTo(_world.Network.V6(4)));
        Assert.Empty(_world.Server.Requests);

        var detached = await ConfinedCommand.StartAsync(["detach", $"run-{attempts["proxy"].Outcome}"]);
        Assert.True(detached.ExitCode == 0, detached.ToString());
        Assert.Contains("removed", detached.Output);
    }

    [Fact]
    public async Task Stopping_the_proxy_lets_nothing_through_unjudged()
    {
        var result = await ConfinedCommand.RunAsync(_world.Policy, _world.Command("stopped.py", Aim.Root));

        Assert.True(result.ExitCode == 0, result.ToString());
        var attempts = Attempts.Read(result.Output);
        Assert.Equal("timeout", attempts["request_meanwhile"].Outcome);
        Assert.Equal("EPERM", attempts["tcp_ipv4"].Outcome);
        Assert.Equal("ping", attempts["open_tcp_ipv4"].Outcome);
        Assert.Equal("200", attempts["judged_request_allowed"].Outcome);
        Assert.Equal("403", attempts["judged_request_denied"].Outcome);
        Assert.DoesNotContain(_world.Server.Requests, static request => request.Contains("/closed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Descriptors_and_child_cgroups_lead_nowhere()
    {
        var policy = Path.Combine(_world.Folder.FullName, "policy.yaml");
        await File.WriteAllTextAsync(policy, _world.Policy);

        var result = await ConfinedCommand.ExecuteAsync("/usr/bin/python3", [.. _world.Command("outside.py", Aim.Root).Skip(1), policy, "dotnet", ConfinedCommand.Program]);

        Assert.True(result.ExitCode == 0, result.ToString());
        var attempts = Attempts.Read(result.Output).ToDictionary(static made => made.Key, static made => made.Value.Outcome);
        Assert.Equal("125 refused", attempts["socket_as_standard_input"]);
        Assert.Equal("125 refused", attempts["socket_as_standard_output"]);
        Assert.Equal("125 refused", attempts["socket_as_standard_error"]);
        Assert.Equal("9 9 9 9", attempts["inherited_sockets"]); // EBADF
        Assert.Equal("True EPERM", attempts["cgroup_below_its_own"]);
        await _world.ArrivedAsync();
        Assert.Equal(0, _world.Packets.CountTo(_world.Network.V4(4)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--user=nobody")]
    public async Task Services_of_the_machine_are_reached_if_policy_names_the_host(string option)
    {
        string[] names = ["tcp_listener_of_host_on_loopback", "tcp_unspecified_ipv4", "tcp_unspecified_ipv6", "tcp_unspecified_mapped", "udp_socket_of_host_on_loopback"];
        var result = await ConfinedCommand.RunAsync(Policies.Egress("- toEntities: [host]"), _world.Command("all.py", Aim.Root, names), option.Length == 0 ? [] : [option]);

        Assert.True(result.ExitCode == 0, result.ToString());
        var attempts = Attempts.Read(result.Output);
        Assert.All(names[..^1], name => Assert.Equal((name, "connected"), (name, attempts[name].Outcome)));
        Assert.Equal("1", attempts[names[^1]].Outcome);
        Assert.False(_world.Host.AreUntouched);
    }
}
