using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Redirect.Tests.Run.Names;

/// <summary>QUIC where only a name is allowed: its first packet is refused in the kernel, the flow says what it was, and HTTPS goes on over TCP.</summary>
public sealed class QuicTests(NamedWorld world) : IClassFixture<NamedWorld>
{
    // A long header of QUIC 1, an Initial packet of the least size (RFC 9000 §14.1, §17.2.2), sent as a client does and then also without connecting.
    private const string Client = """
        import os, socket, subprocess, sys
        packet = bytes([0xc3, 0, 0, 0, 1, 8]) + os.urandom(8) + bytes([0, 0, 0x44, 0x9e])
        packet += os.urandom(1200 - len(packet))
        for family in (socket.AF_INET, socket.AF_INET6):
            address = socket.getaddrinfo("good.test", 443, family, socket.SOCK_DGRAM)[0][4]
            for connects in (True, False):
                s = socket.socket(family, socket.SOCK_DGRAM)
                try:
                    if connects: s.connect(address)
                    print("sent", s.send(packet) if connects else s.sendto(packet, address))
                except PermissionError: print("refused")
        print(subprocess.run(["curl", "-s", "-m", "20", "-o", os.devnull, "-w", "%{http_code}", "https://good.test/"], stdout=subprocess.PIPE, text=True).stdout)
        """;

    private static readonly string s_policy = Policies.Egress("""
        - toFQDNs: [{matchName: good.test}]
          toPorts: [{ports: [{port: "443", protocol: ANY}]}]
        """);

    [Fact]
    public async Task Packet_is_refused_with_the_reason_and_HTTPS_goes_on_over_TCP()
    {
        using var listener = Listen();

        var result = await world.RunAsync(s_policy, ["--flows", "compact"], ["python3", "-c", Client]);

        Assert.True(result.Output == "refused\nrefused\nrefused\nrefused\n200\n", $"{result}");
        foreach (var address in new[] { $"-> {world.Network.V4(4)}:443 ", $"-> [{world.Network.V6(4)}]:443 " })
        {
            var flows = result.Errors.Split('\n').Where(line => line.Contains(address, StringComparison.Ordinal) && line.Contains("(UDP)", StringComparison.Ordinal)).ToList();
            Assert.True(flows.Count > 0, $"{result}");
            Assert.All(flows, static line => Assert.Contains("QUIC is not read here: HTTP clients go on over TCP", line));
        }

        Assert.Equal(0, listener.Available);
    }

    [Fact]
    public async Task Rule_for_the_address_lets_it_pass()
    {
        using var listener = Listen();
        var both = $"{s_policy}\n" + $$"""
              - toCIDR: ["{{world.Network.V4(4)}}/32", "{{world.Network.V6(4)}}/128"]
                toPorts: [{ports: [{port: "443", protocol: UDP}]}]
            """;

        var result = await world.RunAsync(both, [], ["python3", "-c", Client]);

        Assert.True(result.Output == "sent 1200\nsent 1200\nsent 1200\nsent 1200\n200\n", $"{result}");
        Assert.True(listener.Available > 0);
    }

    private Socket Listen()
    {
        var socket = world.Network.Namespace.Run(static () => new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true });
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 443));
        return socket;
    }
}
