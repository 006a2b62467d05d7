using System.Net;
using System.Net.Sockets;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Redirect.Tests.Slots;

/// <summary>Datagrams to a resolver go to the proxy's socket for it, and the answer seems to come from the resolver. Everything else is denied.</summary>
public sealed class SlotTests : IDisposable
{
    private const int Slots = 4;

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
    private readonly SlotServer _server = SlotServer.Start(Slots);
    private readonly TestGate _gate;
    private readonly Shim _shim;

    public SlotTests()
    {
        Directory.CreateDirectory(Work);
        Directory.CreateDirectory(Proxy);
        _gate = new TestGate(Policies.Egress("""
            - toCIDR: [192.0.2.53/32, "2001:db8::53/128", 203.0.113.0/24]
              toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]
            - toCIDR: [198.51.100.53/32]
              toPorts: [{ports: [{port: "5353", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]
            - toEntities: [host]
              toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]
            """));
        _gate.Engine.Identities.SetLocalAddresses([]);
        _shim = Shim.Load(pinDirectory: null, Work);
        _shim.Publish(KernelPolicy.Compile(_gate.Engine.State, _gate.Workload("app=a"), audit: false));
        _shim.Attach(new ShimOptions { WorkloadCgroup = Work, ProxyCgroup = Proxy, Slots = Slots, SlotBase = _server.SlotBase });
        _server.PeerOf = _shim.PeerOf;
    }

    public static TheoryData<string, string, string> Ways => new()
    {
        { "sendto", "s = made(four)\ns.sendto(b'q', ('192.0.2.53', 53))" + Receive, "for 192.0.2.53:53 q from 192.0.2.53 53" },
        { "sendto, IPv6", "s = made(six)\ns.sendto(b'q', ('2001:db8::53', 53))" + Receive, "for [2001:db8::53]:53 q from 2001:db8::53 53" },
        { "sendto, mapped", "s = made(six)\ns.sendto(b'q', (mapped, 53))" + Receive, "for 192.0.2.53:53 q from 192.0.2.53 53" },
        { "sendmsg and recvmsg", "s = made(four)\ns.sendmsg([b'q'], [], 0, ('198.51.100.53', 5353))\ngot = s.recvmsg(100)\nprint(got[0].decode(), 'from', name(got[3]))", "for 198.51.100.53:5353 q from 198.51.100.53 5353" },
        { "resolver on loopback", "s = made(four)\ns.sendto(b'q', ('127.0.0.53', 53))" + Receive, "for 127.0.0.53:53 q from 127.0.0.53 53" },
        { "connected", "s = made(four)\ns.connect(('192.0.2.53', 53))\ns.send(b'q')" + Receive + Peer, "for 192.0.2.53:53 q from 192.0.2.53 53\npeer 192.0.2.53 53" },
        { "connected, IPv6", "s = made(six)\ns.connect(('2001:db8::53', 53))\ns.send(b'q')" + Receive + Peer, "for [2001:db8::53]:53 q from 2001:db8::53 53\npeer 2001:db8::53 53" },
        { "connected, mapped", "s = made(six)\ns.connect((mapped, 53))\ns.send(b'q')" + Receive + Peer, "for 192.0.2.53:53 q from 192.0.2.53 53\npeer 192.0.2.53 53" },
        { "connected anew", "s = made(four)\ns.connect(('192.0.2.53', 53))\ns.connect(('198.51.100.53', 5353))\ns.send(b'q')" + Receive + Peer, "for 198.51.100.53:5353 q from 198.51.100.53 5353\npeer 198.51.100.53 5353" },
        { "two resolvers at once", "s = made(four)\nfor to in ('198.51.100.53', 5353), ('192.0.2.53', 53): s.sendto(b'q', to)\nprint(*sorted(f'{d.decode()} from {name(p)}' for d, p in (s.recvfrom(100), s.recvfrom(100))), sep='\\n')", "for 192.0.2.53:53 q from 192.0.2.53 53\nfor 198.51.100.53:5353 q from 198.51.100.53 5353" },
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

    [Fact]
    public async Task More_resolvers_than_slots_are_refused_and_those_before_go_on()
    {
        var result = await RunAsync("""
            s = made(four)
            for host in 1, 2, 3, 4, 5, 6, 1, 4:
                try:
                    s.sendto(b'q', (f'203.0.113.{host}', 53))
                    print(s.recvfrom(100)[0].decode())
                except OSError as error: print(errno.errorcode[error.errno])
            """);

        string Answer(int host) => $"for 203.0.113.{host}:53 q";
        Assert.Equal([Answer(1), Answer(2), Answer(3), Answer(4), "EPERM", "EPERM", Answer(1), Answer(4)], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, _shim.Read(ShimCounter.SlotsExhausted));
        Assert.Equal(["203.0.113.1:53", "203.0.113.2:53", "203.0.113.3:53", "203.0.113.4:53"], Enumerable.Range(1, Slots).Select(slot => $"{_shim.PeerOf(slot)}").Order());
    }

    [Fact]
    public async Task Sender_is_known_by_its_process()
    {
        var result = await RunAsync("for s, to in (made(four), '192.0.2.53'), (made(six), '2001:db8::53'), (made(six), mapped):\n    s.sendto(b'q', (to, 53))" + Receive + "\nprint(os.getpid())");

        Assert.Equal(3, _server.Senders.Count);
        Assert.All(_server.Senders, sender =>
        {
            Assert.True(_shim.TryGetSender(sender, out var process), $"{sender}: {result}");
            Assert.Equal(("python3", result.Output.Trim().Split('\n')[^1]), (process.Command, $"{process.Id}"));
        });
    }

    /// <summary>Slots are ports of loopback that every process of the machine can send to.</summary>
    [Fact]
    public async Task Stranger_that_sends_to_a_slot_is_not_taken_for_the_workload()
    {
        _ = await RunAsync("s = made(four)\ns.sendto(b'q', ('192.0.2.53', 53))" + Receive);
        using var stranger = new UdpClient(AddressFamily.InterNetwork);
        var answers = new List<UdpReceiveResult>();
        for (var slot = 1; slot <= Slots; slot++)
        {
            await stranger.SendAsync("q"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, _server.SlotBase + slot));
            answers.Add(await stranger.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(20)));
        }

        var senders = _server.Senders.ToList();
        Assert.Equal(1 + Slots, senders.Count);
        Assert.True(_shim.TryGetSender(senders[0], out _));
        Assert.All(senders[1..], sender => Assert.False(_shim.TryGetSender(sender, out _)));
        Assert.Equal(answers.Select(static answer => answer.RemoteEndPoint.Port).Order(), Enumerable.Range(_server.SlotBase + 1, Slots)); // nobody translates for a stranger
    }

    public void Dispose()
    {
        _shim.Dispose();
        _gate.Dispose();
        _server.Dispose();
        Directory.Delete(Work);
        Directory.Delete(Proxy);
        Directory.Delete(_cgroups);
    }

    private Task<CommandResult> RunAsync(string program) => ConfinedCommand.ExecuteAsync(
        "sh", ["-c", "echo 0 > \"$0/cgroup.procs\" && exec env SLOT=\"$1\" python3 -c \"$2\"", Work, $"{_server.SlotBase + 1}", Start + program]);
}
