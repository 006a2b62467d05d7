using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Redirect.Tests.Slots;

/// <summary>Datagrams to a resolver go to the proxy's socket for it, and the answer seems to come from the resolver. Everything else is denied.</summary>
public sealed class SlotTests : IDisposable
{
    private static readonly IPEndPoint[] s_resolvers =
    [
        IPEndPoint.Parse("192.0.2.53:53"), IPEndPoint.Parse("198.51.100.53:5353"), IPEndPoint.Parse("[2001:db8::53]:53"), IPEndPoint.Parse("127.0.0.53:53"),
    ];

    private const string Start = """
        import errno, os, socket
        def made(family):
            s = socket.socket(family, socket.SOCK_DGRAM)
            s.settimeout(20)
            return s
        four, six, mapped = socket.AF_INET, socket.AF_INET6, "::ffff:192.0.2.53"
        def name(peer): return f"{peer[0].replace('::ffff:', '')} {peer[1]}"

        """;

    private const string Receive = "\ndata, peer = s.recvfrom(100)\nprint(data.decode(), 'from', name(peer))";
    private const string Peer = "\nprint('peer', name(s.getpeername()))";

    private readonly string _cgroups = Path.Combine(CgroupMount.Find().Point, $"test-{Guid.NewGuid():N}");
    private readonly SlotServer _server = SlotServer.Start(s_resolvers.Length);
    private readonly PolicyEngine _engine = new(new PolicyCompilerOptions());
    private readonly Shim _shim;

    public SlotTests()
    {
        Directory.CreateDirectory(Work);
        Directory.CreateDirectory(Proxy);
        _shim = Shim.Load(pinDirectory: null, Work);
        _shim.Publish(KernelPolicy.Compile(state: null, _engine.Identities.GetReserved(ReservedLabels.Host), audit: false));
        _shim.Attach(new ShimOptions { WorkloadCgroup = Work, ProxyCgroup = Proxy, Slots = s_resolvers, SlotBase = _server.SlotBase });
    }

    public static TheoryData<string, string, string> Ways => new()
    {
        { "sendto", "s = made(four)\ns.sendto(b'q', ('192.0.2.53', 53))" + Receive, "slot 1 q from 192.0.2.53 53" },
        { "sendto, IPv6", "s = made(six)\ns.sendto(b'q', ('2001:db8::53', 53))" + Receive, "slot 3 q from 2001:db8::53 53" },
        { "sendto, mapped", "s = made(six)\ns.sendto(b'q', (mapped, 53))" + Receive, "slot 1 q from 192.0.2.53 53" },
        { "sendmsg and recvmsg", "s = made(four)\ns.sendmsg([b'q'], [], 0, ('198.51.100.53', 5353))\ngot = s.recvmsg(100)\nprint(got[0].decode(), 'from', name(got[3]))", "slot 2 q from 198.51.100.53 5353" },
        { "resolver on loopback", "s = made(four)\ns.sendto(b'q', ('127.0.0.53', 53))" + Receive, "slot 4 q from 127.0.0.53 53" },
        { "connected", "s = made(four)\ns.connect(('192.0.2.53', 53))\ns.send(b'q')" + Receive + Peer, "slot 1 q from 192.0.2.53 53\npeer 192.0.2.53 53" },
        { "connected, IPv6", "s = made(six)\ns.connect(('2001:db8::53', 53))\ns.send(b'q')" + Receive + Peer, "slot 3 q from 2001:db8::53 53\npeer 2001:db8::53 53" },
        { "connected, mapped", "s = made(six)\ns.connect((mapped, 53))\ns.send(b'q')" + Receive + Peer, "slot 1 q from 192.0.2.53 53\npeer 192.0.2.53 53" },
        { "connected anew", "s = made(four)\ns.connect(('192.0.2.53', 53))\ns.connect(('198.51.100.53', 5353))\ns.send(b'q')" + Receive + Peer, "slot 2 q from 198.51.100.53 5353\npeer 198.51.100.53 5353" },
        { "two resolvers at once", "s = made(four)\nfor to in ('198.51.100.53', 5353), ('192.0.2.53', 53): s.sendto(b'q', to)\nprint(*sorted(f'{d.decode()} from {name(p)}' for d, p in (s.recvfrom(100), s.recvfrom(100))), sep='\\n')", "slot 1 q from 192.0.2.53 53\nslot 2 q from 198.51.100.53 5353" },
    };

    private string Work => Path.Combine(_cgroups, "workload");

    private string Proxy => Path.Combine(_cgroups, "proxy");

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Datagram_to_a_resolver_is_answered_by_its_slot_in_the_resolvers_name(string way, string program, string expected)
    {
        var result = await RunAsync(program);

        Assert.True(result.Output.Trim() == expected, $"{way}: {result}");
    }

    [Theory]
    [InlineData("another port of a resolver", "made(four).sendto(b'q', ('192.0.2.53', 54))")]
    [InlineData("another host", "made(four).sendto(b'q', ('192.0.2.54', 53))")]
    [InlineData("a port of loopback that is no slot", "made(four).sendto(b'q', ('127.0.0.1', 9))")]
    [InlineData("connected to another host", "s = made(four)\n    s.connect(('192.0.2.54', 53))\n    s.send(b'q')")]
    [InlineData("the proxy's place", "made(four).bind(('127.0.0.1', int(os.environ['SLOT'])))")]
    [InlineData("the proxy's place, IPv6", "made(six).bind(('::', int(os.environ['SLOT'])))")]
    public async Task Anything_else_is_refused(string way, string program)
    {
        var result = await RunAsync($"try:\n    {program}\n    print('done')\nexcept OSError as error: print(errno.errorcode[error.errno])");

        Assert.True(result.Output.Trim() == "EPERM", $"{way}: {result}");
    }

    public void Dispose()
    {
        _shim.Dispose();
        _engine.Dispose();
        _server.Dispose();
        Directory.Delete(Work);
        Directory.Delete(Proxy);
        Directory.Delete(_cgroups);
    }

    private Task<CommandResult> RunAsync(string program) => ConfinedCommand.ExecuteAsync(
        "sh", ["-c", "echo 0 > \"$0/cgroup.procs\" && exec env SLOT=\"$1\" python3 -c \"$2\"", Work, $"{_server.SlotBase + 1}", Start + program]);
}
