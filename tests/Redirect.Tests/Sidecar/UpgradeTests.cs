using System.Globalization;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Relay.Handover;
using PolicyProxy.TestKit.Dns;
using PolicyProxy.TestKit.Network;
using Xunit.Abstractions;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>
/// What a workload notices of the upgrades and the crashes of the sidecar its traffic is redirected to. <c>POLICYPROXY_DRILL=RATE,SECONDS</c> makes the
/// drills longer.
/// </summary>
[Collection(SidecarCollection.Name)]
public sealed class UpgradeTests : IAsyncLifetime
{
    private const int Resolver = 2;
    private const int Web = 3;

    // Names n130 to n249 are the hosts of these numbers: an address nobody has heard of before, each.
    private const int FirstName = 130;
    private const int Names = 120;

    // Queries at a rate that does not wait for answers. Says every so many how far it is, at the end how it went.
    private const string Queries = """
        import socket, struct, sys, threading, time
        resolver, rate, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
        for s in sockets[::2]: s.connect((resolver, 53))
        for s in sockets:
            s.settimeout(0.2)
            s.setsockopt(socket.SOL_SOCKET, 33, 4 << 20) # SO_RCVBUFFORCE: what waited is answered in one burst
        question = b"\1\0\0\1\0\0\0\0\0\0\1w\4good\4test\0\0\1\0\1"
        answered, refused, failed, longest, done = {}, 0, 0, 0.0, False
        sent_at = [0.0] * count
        def receive(number):
            global failed, longest
            while not done:
                try: data = sockets[number].recv(512)
                except OSError: continue
                place = struct.unpack(">H", data[:2])[0] * 8 + number
                if place not in answered:
                    answered[place] = data[3] & 15
                    longest = max(longest, time.monotonic() - sent_at[place])
        receivers = [threading.Thread(target=receive, args=[n]) for n in range(8)]
        start = time.monotonic()
        for place in range(count):
            ahead = start + place / rate - time.monotonic()
            if ahead > 0.001: time.sleep(ahead)
            number, id = place % 8, struct.pack(">H", place // 8)
            sent_at[place] = time.monotonic()
            try:
                if number % 2 == 0: sockets[number].send(id + question)
                else: sockets[number].sendto(id + question, (resolver, 53))
            except PermissionError: refused += 1
            except OSError: pass
            if place == 8:
                for r in receivers: r.start()
            if place % (count // 40) == 0: print("sent", place, flush=True)
        until = time.monotonic() + 5
        while len(answered) + refused < count and time.monotonic() < until: time.sleep(0.01)
        done = True
        failed = sum(1 for code in answered.values() if code)
        print(f"lost={count - len(answered) - refused} refused={refused} failed={failed} queries={count} longest={longest * 1000:.0f}ms", flush=True)
        """;

    // Asks for a name it has never asked for, connects to what it is told, requests a page; and what layer 7 refuses.
    private const string Requests = """
        import http.client, socket, struct, sys, time
        resolver, web, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
        def ask(name):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(5)
                s.connect((resolver, 53))
                s.send(b"\0\7\1\0\0\1\0\0\0\0\0\0" + b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0\0\1\0\1")
                data = s.recv(512)
                return socket.inet_ntoa(data[-4:]) if data[3] & 15 == 0 else None
        def get(host, path, port):
            try:
                c = http.client.HTTPConnection(host, port, timeout=10)
                c.request("GET", path)
                return c.getresponse().status
            except (OSError, http.client.HTTPException) as error: return type(error).__name__
        for number in range(first, first + count):
            try: told = ask(f"n{number}.good.test")
            except OSError as error: told = None
            print(f"{number} name={told is not None and told.endswith(f'.{number}')} learned={told and get(told, '/', 8081)} l7={get(web, '/ok', 8080)} path={get(web, '/no', 8080)}", flush=True)
            time.sleep(0.05)
        print("done", flush=True)
        """;

    private static readonly (int Rate, int Seconds) s_drill = Drill();

    private readonly ITestOutputHelper _output;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private WorldNetwork _network = null!;
    private UnboundServer _unbound = null!;
    private WorldServer _server = null!;
    private WorldServer _plain = null!;

    public UpgradeTests(ITestOutputHelper output) => _output = output;

    private string[] Handover => ["--handover", Path.Combine(_folder.FullName, "handover"), "--fqdn-binding", "cilium"];

    private int Count => s_drill.Rate * s_drill.Seconds;

    public async Task InitializeAsync()
    {
        _network = new WorldNetwork();
        _network.Namespace.IpInside("route", "add", "local", $"{_network.V4(128)}/25", "dev", "lo");
        _unbound = UnboundServer.StartIn(
            _network.Namespace.Name,
            [_network.V4(Resolver)],
            Enumerable.Range(FirstName, Names).Select(number => $"n{number}.good.test. 300 IN A {_network.V4(number)}").Prepend($"w.good.test. 300 IN A {_network.V4(Web)}"));
        _server = await WorldServer.StartAsync(_network.Namespace, 8080);
        _plain = await WorldServer.StartAsync(_network.Namespace, 8081);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _plain.DisposeAsync();
        _unbound.Dispose();
        _network.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Upgrades_lose_no_query_and_no_request_and_what_was_learned_meanwhile_is_in_force()
    {
        await using var sidecar = await RunningSidecar.StartAsync(Policy(), where: null, Handover);
        var queries = sidecar.Start("python3", "-c", Queries, Address(Resolver), $"{s_drill.Rate}", $"{Count}");
        var requests = sidecar.Start("python3", "-c", Requests, Address(Resolver), Address(Web), $"{FirstName}", $"{Names}");
        var done = new List<string>();

        for (var upgrade = 1; upgrade <= 3; upgrade++)
        {
            AwaitSent(queries, Count * upgrade / 5);
            Assert.Equal(0, await sidecar.UpgradeAsync());
        }

        var result = queries.Until(static line => line.StartsWith("lost=", StringComparison.Ordinal));
        for (var line = requests.Next(); line != "done"; line = requests.Next())
        {
            done.Add(line);
        }

        _output.WriteLine($"3 upgrades, {done.Count} rounds of requests; {result}");
        Assert.StartsWith("lost=0 refused=0 failed=0 ", result);
        Assert.Equal(Enumerable.Range(FirstName, Names).Select(static number => $"{number} name=True learned=200 l7=200 path=403"), done);
    }

    [Fact]
    public async Task Worker_that_is_killed_is_replaced_and_nothing_passes_unjudged_meanwhile()
    {
        await using var sidecar = await RunningSidecar.StartAsync(Policy(), where: null, "--supervise", "--fqdn-binding", "cilium");
        var queries = sidecar.Start("python3", "-c", Queries, Address(Resolver), $"{s_drill.Rate}", $"{Count}");
        var requests = sidecar.Start("python3", "-c", Requests, Address(Resolver), Address(Web), $"{FirstName}", $"{Names}");
        AwaitSent(queries, Count / 4);

        var recovery = sidecar.KillWorker();

        var result = queries.Until(static line => line.StartsWith("lost=", StringComparison.Ordinal));
        var rounds = new List<string>();
        for (var line = requests.Next(); line != "done"; line = requests.Next())
        {
            rounds.Add(line);
        }

        // What the worker had in its hands is lost: a request or two, and the queries it had forwarded.
        _output.WriteLine($"next worker serves after {recovery.TotalMilliseconds:0} ms, {rounds.Count(static round => !IsWell(round))} of {rounds.Count} rounds broken; {result}");
        Assert.Contains(" refused=0 failed=0 ", result);
        Assert.InRange(int.Parse(result[5..result.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture), 0, s_drill.Rate / 10);
        Assert.InRange(rounds.Count(static round => !IsWell(round)), 0, 2);
        Assert.DoesNotContain(rounds, static round => round.Contains("path=200", StringComparison.Ordinal));
        Assert.DoesNotContain(_server.Requests, static request => request.EndsWith("/no", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Process_that_fails_to_take_over_leaves_the_one_before_in_force()
    {
        await using var sidecar = await RunningSidecar.StartAsync(Policy(), where: null, Handover);
        Assert.Equal(sidecar.ProcessId, InstanceLock.HolderOf(sidecar.Pins));

        using (var next = InheritedListeners.Take(Handover[1]))
        {
            next.Yield();
            Assert.Null(InstanceLock.HolderOf(sidecar.Pins));
        }

        Assert.True(SpinWait.SpinUntil(() => InstanceLock.HolderOf(sidecar.Pins) == sidecar.ProcessId, TimeSpan.FromSeconds(60)));
        var requests = sidecar.Start("python3", "-c", Requests, Address(Resolver), Address(Web), $"{FirstName}", "5");
        Assert.Equal(
            [.. Enumerable.Range(FirstName, 5).Select(static number => $"{number} name=True learned=200 l7=200 path=403"), "done"],
            Enumerable.Range(0, 6).Select(_ => requests.Next()));
    }

    private static bool IsWell(string round) => round.EndsWith(" name=True learned=200 l7=200 path=403", StringComparison.Ordinal);

    private static void AwaitSent(Workload queries, int count) => queries.Until(line => line.Split(' ') is ["sent", var sent] && int.Parse(sent, CultureInfo.InvariantCulture) >= count);

    private static (int, int) Drill() => Environment.GetEnvironmentVariable("POLICYPROXY_DRILL") is { } text && text.Split(',') is [var rate, var seconds]
        ? (int.Parse(rate, CultureInfo.InvariantCulture), int.Parse(seconds, CultureInfo.InvariantCulture))
        : (500, 8);

    private string Address(int host) => _network.V4(host).ToString();

    private string Policy() => Policies.Egress($$"""
        - toCIDR: ["{{_network.V4(Resolver)}}/32"]
          toPorts:
          - ports: [{port: "53", protocol: ANY}]
            rules:
              dns:
              - {matchPattern: "*.good.test"}
        - toFQDNs: [{matchPattern: "n*.good.test"}]
          toPorts: [{ports: [{port: "8081", protocol: TCP}]}]
        - toCIDR: ["{{_network.V4(Web)}}/32"]
          toPorts:
          - ports: [{port: "8080", protocol: TCP}]
            rules:
              http:
              - {method: GET, path: "/ok"}
        """);
}
