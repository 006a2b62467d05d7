using System.Net;
using System.Net.Sockets;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Redirect.Instances;

namespace PolicyProxy.Sidecar.Tests.Redirect.Instances;

public sealed class DetachmentTests
{
    private static readonly DetachmentOptions s_careful = new(EndsWork: false, EndsProxy: false);
    private static readonly DetachmentOptions s_kill = new(EndsWork: true, EndsProxy: false);
    private static readonly DetachmentOptions s_force = new(EndsWork: false, EndsProxy: true);

    [RootFact]
    public async Task Detachment_removes_links_maps_programs_and_cgroups_and_says_so()
    {
        using var left = new LeftBehind();
        var pins = Path.Combine(left.Instance.PinFolder, "v1");
        await BpftoolAsync("map", "create", Path.Combine(pins, "policy"), "type", "array", "key", "4", "value", "4", "entries", "1", "name", "policy");
        var link = await BpftoolAsync("link", "show", "pinned", LeftBehind.LinkPin(left.Instance));
        await BpftoolAsync("prog", "pin", "id", Word(link, "prog"), Path.Combine(pins, "egress_prog"));
        Assert.Equal([PinKind.Program, PinKind.Link, PinKind.Map], left.Instance.Pins.Select(pin => pin.Kind));
        Assert.Equal(left.Instance.Work.Id, left.Instance.Pins[1].CgroupId);

        var run = await DetachAsync([left.Instance], s_careful);

        Assert.Equal(new Commands.CommandRun(0, string.Join('\n', [
            $"shop: removed cgroup {left.Instance.Work.Path}",
            $"shop: removed cgroup {left.Instance.Proxy.Path}",
            $"shop: removed map {pins}/policy",
            $"shop: removed program {pins}/egress_prog",
            $"shop: removed link {pins}/links/egress",
            $"shop: removed cgroup {left.Instance.Cgroup.Path}",
            string.Empty,
        ]), string.Empty), run);
        Assert.Equal((false, false, false), (left.Instance.Exists, Directory.Exists(left.Roots.Cgroups), Directory.Exists(left.Roots.Pins)));
        await LinkIsGoneAsync(link.Split(':')[0]);
        Assert.Equal("shop: nothing left\n", (await DetachAsync([left.Instance], s_careful)).Out);
    }

    [RootFact]
    public async Task Detachment_with_confined_processes_is_refused_and_killing_them_lets_no_packet_out()
    {
        using var left = new LeftBehind();
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var sender = left.Send(left.Instance.Work, receiver);

        var refused = await DetachAsync([left.Instance], s_careful);

        Assert.Equal((1, string.Empty), (refused.ExitCode, refused.Out));
        Assert.Matches($"^policyproxy: shop: processes [0-9 ]*{sender}[0-9 ]* run under the policy: end them, or let --kill do it\n$", refused.Error);
        Assert.Equal(PinKind.Link, Assert.Single(left.Instance.Pins).Kind);
        Assert.True(left.Instance.Work.IsPopulated);

        var killed = await DetachAsync([left.Instance], s_kill);

        Assert.Equal((0, string.Empty), (killed.ExitCode, killed.Error));
        Assert.Matches($"^shop: removed processes [0-9 ]*{sender}", killed.Out);
        Assert.False(left.Instance.Exists);
        Assert.Equal(0, receiver.Available);
    }

    [RootFact]
    public void Sender_without_a_link_is_heard()
    {
        using var left = new LeftBehind();
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        // the control of the test above: the same sender in the group without the program
        left.Send(left.Instance.Proxy, receiver);

        Assert.True(receiver.Poll(TimeSpan.FromSeconds(10), SelectMode.SelectRead));
    }

    [RootFact]
    public async Task Detachment_under_a_living_proxy_needs_force()
    {
        using var left = new LeftBehind();
        var proxy = left.Rest(left.Instance.Proxy);

        var refused = await DetachAsync([left.Instance], s_kill);
        Assert.Equal(new Commands.CommandRun(1, string.Empty, $"policyproxy: shop: the proxy is alive, process {proxy}: stop it, or let --force end it\n"), refused);
        Assert.NotEmpty(left.Instance.Pins);

        var forced = await DetachAsync([left.Instance], s_force);
        Assert.Contains($"shop: removed processes {proxy}\n", forced.Out, StringComparison.Ordinal);
        Assert.False(left.Instance.Exists);
    }

    [RootFact]
    public async Task Detachment_needs_force_while_the_pins_are_held_by_a_proxy_outside_its_cgroup()
    {
        using var left = new LeftBehind();
        var holder = left.HoldPins();

        var refused = await DetachAsync([left.Instance], s_kill);
        Assert.Equal(new Commands.CommandRun(1, string.Empty, $"policyproxy: shop: the proxy is alive, process {holder}: stop it, or let --force end it\n"), refused);
        Assert.NotEmpty(left.Instance.Pins);

        var forced = await DetachAsync([left.Instance], s_force);
        Assert.Contains($"shop: removed processes {holder}\n", forced.Out, StringComparison.Ordinal);
        Assert.False(left.Instance.Exists);
    }

    [RootFact]
    public async Task Detachment_kills_processes_in_groups_below_too()
    {
        using var left = new LeftBehind();
        var below = new CgroupDirectory(Path.Combine(left.Instance.Work.Path, "made", "by-the-workload"));
        Directory.CreateDirectory(below.Path);
        var process = left.Rest(below);
        Assert.Contains($"processes {process} run", (await DetachAsync([left.Instance], s_careful)).Error, StringComparison.Ordinal);

        Assert.Equal(0, (await DetachAsync([left.Instance], s_kill)).ExitCode);

        Assert.False(left.Instance.Exists);
    }

    [RootFact]
    public async Task Detachment_keeps_pins_that_confine_processes_in_a_cgroup_of_somebody_else()
    {
        using var left = new LeftBehind();
        var container = new CgroupDirectory(Path.Combine(left.Roots.Cgroups, "container"));
        Directory.CreateDirectory(container.Path);
        var process = left.Rest(container);
        LeftBehind.PinLink(container.Path, Path.Combine(left.Instance.PinFolder, "v1", "other"));

        var run = await DetachAsync([left.Instance], new DetachmentOptions(EndsWork: true, EndsProxy: true));

        Assert.Equal(new Commands.CommandRun(1, string.Empty, $"policyproxy: shop: a link confines processes {process} in {container.Path}: end them first\n"), run);
        Assert.Equal(2, left.Instance.Pins.Count);
    }

    [RootFact]
    public async Task Detachment_of_all_goes_on_after_one_that_must_stay()
    {
        using var left = new LeftBehind();
        var busy = left.Add("busy");
        left.Rest(busy.Work);
        Assert.Equal(["busy", "shop"], Instance.All(left.Roots).Select(instance => instance.Name));

        var run = await DetachAsync(Instance.All(left.Roots), s_careful);

        Assert.Equal((1, true, false), (run.ExitCode, busy.Exists, left.Instance.Exists));
    }

    private static async Task<Commands.CommandRun> DetachAsync(IReadOnlyList<Instance> instances, DetachmentOptions options)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await DetachCommand.RemoveAsync(instances, options, new CommandOutput(output, error, UsesColour: false));
        return new Commands.CommandRun(exitCode, output.ToString(), error.ToString());
    }

    private static Task<string> BpftoolAsync(params string[] arguments) => Tool.RunAsync("/usr/sbin/bpftool", "bpftool", arguments);

    private static string Word(string text, string before)
    {
        var words = text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words[Array.IndexOf(words, before) + 1];
    }

    // The kernel frees a link some time after its last holder let go.
    private static async Task LinkIsGoneAsync(string id)
    {
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(10);
        while (!(await BpftoolAsync("link", "show", "id", id)).Contains("No such file", StringComparison.Ordinal))
        {
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"link {id} is still there");
        }
    }
}
