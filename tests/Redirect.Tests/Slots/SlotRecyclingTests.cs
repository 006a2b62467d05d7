using System.Security.Cryptography;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Redirect.Tests.Sidecar;
using PolicyProxy.Sidecar;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Slots;

/// <summary>A workload that asks many more resolvers than there are slots, one after the other.</summary>
[Collection(SidecarCollection.Name)]
public sealed class SlotRecyclingTests : IAsyncLifetime
{
    private const int Slots = 4;
    private const int Resolvers = 12;
    private const int FirstHost = 130;

    // Resolver 0 is asked all the time over one connected socket. Number 1 is asked once, then 2 to 11, each over and over until it may be; then 1 by the old socket
    // and by a new one.
    private const string Asking = """
        import errno, socket, sys, threading, time
        hosts = sys.argv[1:]
        question = b"\0\7\1\0\0\1\0\0\0\0\0\0\1w\4good\4test\0\0\1\0\1"
        def connected(number):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(20)
            s.connect((hosts[number], 53))
            return s
        def ask(s):
            try: s.send(question)
            except OSError as error: return errno.errorcode[error.errno]
            return hosts.index(socket.inet_ntoa(s.recv(512)[-4:]))
        def unconnected(number):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(20)
                try: s.sendto(question, (hosts[number], 53))
                except OSError as error: return errno.errorcode[error.errno]
                data, peer = s.recvfrom(512)
                return hosts.index(socket.inet_ntoa(data[-4:])) if peer == (hosts[number], 53) else f"from {peer}"
        def until_answered(number, refusals):
            until = time.monotonic() + 40
            while time.monotonic() < until:
                answer = unconnected(number)
                if answer != "EPERM": return answer
                refusals.append(number)
                time.sleep(0.1)
            return "never"
        busy, over = set(), threading.Event()
        def work(s):
            while not over.wait(0.05): busy.add(ask(s))
        worker = threading.Thread(target=work, args=[connected(0)])
        worker.start()
        old, refusals = connected(1), []
        print("first", ask(old))
        print("others", *[until_answered(number, refusals) for number in range(2, len(hosts))])
        print("old", ask(old))
        print("new", until_answered(1, refusals))
        over.set()
        worker.join()
        print("busy", *busy)
        print("waited", len(refusals) > 0)
        """;

    private readonly string _instance = "test-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly List<OwnAddressResolver> _resolvers = [];
    private WorldNetwork _network = null!;
    private CgroupScope _cgroups = null!;
    private TransparentProxy _proxy = null!;

    public async Task InitializeAsync()
    {
        _network = new WorldNetwork();
        _network.Namespace.IpInside("route", "add", "local", $"{_network.V4(128)}/25", "dev", "lo");
        for (var number = 0; number < Resolvers; number++)
        {
            _resolvers.Add(new OwnAddressResolver(_network.Namespace, _network.V4(FirstHost + number)));
        }

        var policy = Path.Combine(_folder.FullName, "policy.yaml");
        await File.WriteAllTextAsync(policy, Policies.Egress($$"""
            - toCIDR: ["{{_network.V4(128)}}/25"]
              toPorts:
              - ports: [{port: "53", protocol: UDP}]
                rules:
                  dns:
                  - {matchPattern: "*.good.test"}
            """));
        _cgroups = CgroupScope.Create(_instance);
        _proxy = await TransparentProxy.StartAsync(
            new SidecarOptions
            {
                PolicyPaths = [policy],
                Labels = SubjectLabels.Parse("app=work", "default"),
                Transparent = new TransparentOptions { Egress = true },
                Dns = new DnsProxyOptions { Slots = Slots, SlotIdle = TimeSpan.FromMilliseconds(500), QueryTimeout = TimeSpan.FromMilliseconds(250) },
            },
            new TransparentScope { WorkloadCgroup = _cgroups.Work.Path, ProxyCgroup = _cgroups.Proxy.Path, Instance = _instance },
            CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        _proxy.Detach();
        await _proxy.DisposeAsync();
        await _cgroups.DisposeAsync();
        _resolvers.ForEach(static resolver => resolver.Dispose());
        _network.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Slots_of_resolvers_nobody_asks_go_to_new_ones_and_a_busy_one_keeps_its_own()
    {
        var result = await ConfinedCommand.ExecuteAsync(
            "sh",
            [
                "-c", "echo 0 > \"$0/cgroup.procs\" && exec \"$@\"", _cgroups.Work.Path, "python3", "-c", Asking,
                .. Enumerable.Range(FirstHost, Resolvers).Select(host => $"{_network.V4(host)}"),
            ]);

        Assert.Equal(
            ["first 1", "others 2 3 4 5 6 7 8 9 10 11", "old EPERM", "new 1", "busy 0", "waited True"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(_network.V4(FirstHost), Enumerable.Range(1, Slots).Select(slot => _proxy.Shim.PeerOf(slot)?.Address));
        Assert.True(_proxy.Shim.Read(ShimCounter.SlotsExhausted) > 0);
    }
}
