using System.Globalization;
using System.Text.RegularExpressions;

namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>Attempts to get around policy from inside, each refused and none with a packet; and what policy allows, which works.</summary>
public sealed class BypassTests(BypassRuns runs) : IClassFixture<BypassRuns>
{
    public static TheoryData<string> Names => [.. BypassCase.All.Select(static known => known.Name)];

    public static TheoryData<string> TracedNames => [.. BypassCase.All.Where(static known => known.Trace is not null).Select(static known => known.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Root_gets_what_policy_gives(string name) => Judge(name, static known => known.Root, runs.Root, Aim.Root);

    [Theory]
    [MemberData(nameof(Names))]
    public void Nobody_gets_what_policy_gives(string name) => Judge(name, static known => known.Nobody, runs.Nobody, Aim.Nobody);

    /// <summary>Otherwise an attempt that cannot work at all would prove nothing.</summary>
    [Theory]
    [MemberData(nameof(TracedNames))]
    public void Same_attempt_without_policy_arrives(string name) =>
        Assert.True(runs.Arrived.ContainsKey(Trace(Case(name), runs.Unconfined[name].Port, Aim.Unconfined)!), runs.Unconfined[name].Outcome);

    [Fact]
    public void Every_attempt_is_made_by_both_users_and_judged()
    {
        var known = BypassCase.All.Select(static known => known.Name).Order().ToList();

        Assert.Equal(known, runs.Root.Keys.Order());
        Assert.Equal(known, runs.Nobody.Keys.Order());
    }

    [Fact]
    public void Nothing_arrives_but_what_policy_allows()
    {
        // Neighbours are found and groups reported by the kernel itself; the rest is what is open, with the answers to it.
        var network = runs.World.Network;
        string[] allowed =
        [
            "ethertype 0806", @"icmpv6 \[ff02::", @"protocol-0 \[ff02::16\]", @"icmpv6 \[fe80:", $@"icmpv6 {Regex.Escape($"[{network.Here6}]")}$",
            $@"icmpv6 {Regex.Escape($"[{network.V6(2)}]")}$", $@"icmpv6 {Regex.Escape($"[{network.V6(3)}]")}$",
            Place("tcp", 2, runs.World.Server.Port), Place("tcp", 3, runs.World.OpenTcp), Place("udp", 3, runs.World.OpenUdp), Place("tcp", 3, runs.World.RouteTcp),
            $@"udp {Regex.Escape($"{network.V4(3)}")}:0$", // a fragment that has no header: zeros of the datagram
            $@"udp {Regex.Escape($"{network.V4(9)}")}:9$", $@"(tcp|udp) {Regex.Escape($"{network.Here4}")}:", $@"(tcp|udp) {Regex.Escape($"[{network.Here6}]")}:",
            $@"icmp {Regex.Escape($"{network.Here4}")}$",
        ];

        Assert.DoesNotContain(runs.ArrivedConfined.Keys, seen => !allowed.Any(pattern => Regex.IsMatch(seen, "^" + pattern)));
    }

    [Fact]
    public void Server_sees_no_request_that_was_denied()
    {
        Assert.Contains(runs.World.Server.Requests, static request => request.EndsWith(" /open", StringComparison.Ordinal));
        Assert.DoesNotContain(runs.World.Server.Requests, static request => request.Contains("/closed", StringComparison.Ordinal));
    }

    [Fact]
    public void Sockets_of_the_machine_are_not_reached() => Assert.True(runs.HostWasUntouched);

    private static BypassCase Case(string name) => BypassCase.All.Single(known => known.Name == name);

    private void Judge(string name, Func<BypassCase, string> expected, IReadOnlyDictionary<string, Attempted> results, Aim aim)
    {
        var attempted = results[name];

        Assert.Contains(attempted.Outcome, expected(Case(name)).Split('|'));
        if (Trace(Case(name), attempted.Port, aim) is { } trace)
        {
            Assert.DoesNotContain(trace, runs.ArrivedConfined.Keys);
        }
    }

    private string Place(string protocol, int host, int port) =>
        $"{protocol} ({Regex.Escape($"{runs.World.Network.V4(host)}")}|{Regex.Escape($"[{runs.World.Network.V6(host)}]")}):{port.ToString(CultureInfo.InvariantCulture)}$";

    private string? Trace(BypassCase known, int port, Aim aim)
    {
        var network = runs.World.Network;
        return known.Trace?
            .Replace("{denied4}", $"{network.V4(aim.Host)}", StringComparison.Ordinal)
            .Replace("{denied6}", $"[{network.V6(aim.Host)}]", StringComparison.Ordinal)
            .Replace("{open4}", $"{network.V4(3)}", StringComparison.Ordinal)
            .Replace("{judged4}", $"{network.V4(2)}", StringComparison.Ordinal)
            .Replace("{broadcast}", $"{network.V4(255)}", StringComparison.Ordinal)
            .Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{open_udp}", runs.World.OpenUdp.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{ethertype}", aim.EtherType.ToString("x4", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{next_ethertype}", (aim.EtherType + 1).ToString("x4", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
