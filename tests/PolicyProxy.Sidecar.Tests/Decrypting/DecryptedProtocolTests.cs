using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using PolicyProxy.Flows;
using PolicyProxy.Protocols.Kafka;
using PolicyProxy.Sidecar.Commands.Demo;
using PolicyProxy.Sidecar.Decrypting;
using PolicyProxy.Sidecar.Tests.Relay.Origins;
using PolicyProxy.Sidecar.Tests.Relay.ServerNames;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Decrypting;

/// <summary>What is not plain requests and responses is judged inside TLS as outside: WebSocket, Kafka.</summary>
public sealed class DecryptedProtocolTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly TestAuthority _authority = new("Edge CA");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Websocket_is_judged_by_the_request_that_opens_it()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var bench = await StartAsync(upstream.Address, "rules: {http: [{method: GET, path: /ws}]}");
        using var way = new RedirectingGate(bench, upstream.Address);
        using var client = Client(way.Address);

        using (var allowed = new ClientWebSocket())
        {
            await allowed.ConnectAsync(new Uri("wss://api.test/ws"), client, CancellationToken.None);
            await allowed.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            var buffer = new byte[100];
            var received = await allowed.ReceiveAsync(buffer, CancellationToken.None);
            Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, received.Count));
            await allowed.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        using var denied = new ClientWebSocket();
        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => denied.ConnectAsync(new Uri("wss://api.test/other"), client, CancellationToken.None));
        Assert.Contains("403", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, upstream.Requests);
    }

    [Fact]
    public async Task Kafka_is_judged_topic_by_topic()
    {
        await using var broker = DemoStandInBroker.Start();
        var address = IPEndPoint.Parse(broker.Address.Authority);
        await using var bench = await StartAsync(address, "rules: {kafka: [{role: produce, topic: orders}]}");
        using var way = new RedirectingGate(bench, address);
        using var client = new TcpClient();
        await client.ConnectAsync(way.Address);
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate!.Issuer == "CN=Edge CA");
        await tls.AuthenticateAsClientAsync("api.test");

        Assert.Equal((0, 29), (await ProduceAsync(tls, "orders"), await ProduceAsync(tls, "payments")));
        Assert.Equal(1, broker.Requests);
        Assert.Contains(bench.Seen(), static flow => flow is { Verdict: FlowVerdict.Dropped, L7: KafkaRecord { Topic: "payments" } });
    }

    private Task<TransparentBench> StartAsync(IPEndPoint address, string rules)
    {
        var secret = Directory.CreateDirectory(Path.Combine(_folder.FullName, "default", "edge"));
        foreach (var (item, text) in _authority.Secret("api.test"))
        {
            File.WriteAllText(Path.Combine(secret.FullName, item), text);
        }

        return TransparentBench.StartAsync(
            TransparentBench.EgressPolicy(TransparentBench.To(address, $"terminatingTLS: {{secret: {{name: edge}}}}, {rules}")),
            options => options with { Decryption = new DecryptionOptions { Trust = UpstreamTrust.Read([]), SecretsPath = _folder.FullName } });
    }

    private static HttpMessageInvoker Client(IPEndPoint address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address, stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate!.Issuer == "CN=Edge CA" },
    });

    // The error of the one partition: behind the correlation id, one topic, its name, one partition and its number.
    private static async Task<int> ProduceAsync(SslStream tls, string topic)
    {
        var output = new ArrayBufferWriter<byte>();
        KafkaPlainRequest.Write(KafkaApi.Produce, 3, 1, new KafkaPlainNames { ClientId = "client"u8.ToArray(), Topic = Encoding.UTF8.GetBytes(topic) }, output);
        await tls.WriteAsync(output.WrittenMemory);
        var length = new byte[4];
        await tls.ReadExactlyAsync(length);
        var response = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await tls.ReadExactlyAsync(response);
        return BinaryPrimitives.ReadInt16BigEndian(response.AsSpan(8 + 10 + BinaryPrimitives.ReadInt16BigEndian(response.AsSpan(8))));
    }
}
