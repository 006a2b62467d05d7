using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Run;

/// <summary>A machine from which most addresses cannot be reached, as one without IPv6 or without any network.</summary>
public sealed class UnroutedTests
{
    private static readonly string s_policy = Policies.Egress("- toCIDR: [\"198.18.0.1/32\"]");

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Command_starts_under_policy_where_no_route_leads_to_what_is_tried_first(string hasNoIpv6)
    {
        using var alone = NetworkNamespace.Create($"pp{Environment.ProcessId:x}alone");
        alone.Set("/proc/sys/net/ipv6/conf/all/disable_ipv6", hasNoIpv6);
        var policy = Path.GetTempFileName();
        await File.WriteAllTextAsync(policy, s_policy);

        var result = await ConfinedCommand.ExecuteAsync(
            "nsenter",
            [$"--net={alone.Path}", "dotnet", ConfinedCommand.Program, "run", "-p", policy, "--",
             "python3", "-c", "import socket\ntry: socket.create_connection(('127.0.0.1', 9))\nexcept OSError as error: print(error.errno)"]);

        File.Delete(policy);
        Assert.True(result.Output == "1\n", result.ToString()); // EPERM
        Assert.Equal(0, result.ExitCode);
    }
}
