using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Redirect.Tests.Run.Names;

/// <summary>Protocols whose server speaks first, as SSH, SMTP and MySQL: the client waits, and no name is ever shown.</summary>
public sealed class ServerFirstTests : IClassFixture<NamedWorld>, IDisposable
{
    private const int Port = 2222;
    private const string Program = """
        import socket
        s = socket.create_connection(("good.test", 2222), 30)
        try: print(s.recv(100))
        except OSError as error: print(type(error).__name__)
        """;

    private static readonly string s_names = Policies.Egress($$"""
        - toFQDNs: [{matchName: good.test}]
          toPorts: [{ports: [{port: "{{Port}}", protocol: TCP}]}]
        """);

    private readonly NamedWorld _world;
    private readonly Socket _listener;
    private int _accepted;

    public ServerFirstTests(NamedWorld world)
    {
        _world = world;
        _listener = world.Network.Namespace.Run(static () => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true });
        _listener.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        _listener.Listen();
        _ = GreetAsync();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Server_that_speaks_first_is_refused_with_the_reason_before_its_client_gives_up()
    {
        var result = await _world.RunAsync(s_names, ["--flows", "compact"], ["python3", "-c", Program]);

        Assert.True(result.Output == "ConnectionResetError\n", $"{result}");
        Assert.Contains("it shows no name, and the rule is for names", result.Errors);
        Assert.Contains("a server that speaks first needs a rule by address", result.Errors);
        Assert.Equal(0, _accepted);
    }

    [Fact]
    public async Task Rule_by_address_lets_it_speak()
    {
        var both = $"{s_names}\n" + $$"""
              - toCIDR: ["{{_world.Network.V4(4)}}/32", "{{_world.Network.V6(4)}}/128"]
                toPorts: [{ports: [{port: "{{Port}}", protocol: TCP}]}]
            """;

        var result = await _world.RunAsync(both, [], ["python3", "-c", Program]);

        Assert.True(result.Output == "b'220 hello\\r\\n'\n", $"{result}");
    }

    [Fact]
    public async Task Binding_to_the_address_lets_it_speak()
    {
        var result = await _world.RunAsync(s_names, ["--fqdn-binding", "cilium"], ["python3", "-c", Program]);

        Assert.True(result.Output == "b'220 hello\\r\\n'\n", $"{result}");
    }

    private async Task GreetAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync();
                _accepted++;
                await client.SendAsync("220 hello\r\n"u8.ToArray());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }
}
