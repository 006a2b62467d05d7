using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>Each way to connect reaches the proxy with its true destination, and the program believes to be there.</summary>
[Collection(SidecarCollection.Name)]
public sealed class HookTests(World world)
{
    private const string Ask = "s.sendall(b'GET /ok HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n')\n";
    private const string Answer = "print(s.getpeername()[0].replace('::ffff:', ''), s.recv(4000).split()[1].decode())\n";
    private const string Start = "import select, socket, sys\nto = sys.argv[1]\nfamily = socket.AF_INET6 if ':' in to else socket.AF_INET\ns = socket.socket(family)\n";

    public static TheoryData<string, string> Ways => new()
    {
        { "ordinary", Start + "s.connect((to, 8080))\n" + Ask + Answer },
        { "non-blocking", Start + "s.setblocking(False)\ns.connect_ex((to, 8080))\nselect.select([], [s], [], 30)\nassert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0\ns.setblocking(True)\n" + Ask + Answer },
        { "bound source", Start + "s.bind((sys.argv[2], 0))\ns.connect((to, 8080))\n" + Ask + Answer },
        { "fast open at connect", Start + "s.setsockopt(6, 30, 1)\ns.connect((to, 8080))\n" + Ask + Answer },
        { "fast open at send", Start + "s.sendto(b'GET /ok HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n', 0x20000000, (to, 8080))\n" + Answer },
        { "mapped address", "import socket, sys\nto = sys.argv[1]\ns = socket.socket(socket.AF_INET6)\ns.connect((to if ':' in to else '::ffff:' + to, 8080))\n" + Ask + Answer },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Connection_reaches_its_destination_through_the_proxy(string way, string program)
    {
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);
        foreach (var (to, from) in new[] { (world.Network.V4(8), world.Network.Here4), (world.Network.V6(8), world.Network.Here6) })
        {
            var before = world.Packets.CountTo(to);

            var said = await sidecar.RunAsync("python3", "-c", program, $"{to}", $"{from}");

            Assert.True(said == $"{to} 200", $"{way}: {said}");
            Assert.True(SpinWait.SpinUntil(() => world.Packets.CountTo(to) > before, TimeSpan.FromSeconds(30)), way); // the log is read by a thread of its own
        }
    }

    [Fact]
    public async Task Curl_names_the_peer_it_asked_for()
    {
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);

        Assert.Equal(
            $"{world.Network.V4(8)} {world.Network.V6(8)} ",
            await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{remote_ip} ", $"http://{world.Network.V4(8)}:8080/ok", $"http://[{world.Network.V6(8)}]:8080/ok") + " ");
    }

    [Fact]
    public async Task Storm_of_aborted_connections_leaves_nothing_pending()
    {
        const string Storm = """
            import socket, struct, sys, threading
            def work():
                for turn in range(100):
                    for to in sys.argv[1:]:
                        s = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET)
                        s.setblocking(turn % 3 != 0)
                        s.connect_ex((to, 8080))
                        if turn % 2: s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        s.close()
            threads = [threading.Thread(target=work) for _ in range(8)]
            for t in threads: t.start()
            for t in threads: t.join()
            print("done")
            """;
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);

        Assert.Equal("done", await sidecar.RunAsync("python3", "-c", Storm, $"{world.Network.V4(8)}", $"{world.Network.V6(8)}"));

        NetworkNamespace.Execute("sh", ["-c", $"for i in $(seq 100); do [ \"$(bpftool map dump pinned {sidecar.Pins}/map_pending -j)\" = '[]' ] && exit 0; done; bpftool map dump pinned {sidecar.Pins}/map_pending; exit 1"]);
    }
}
