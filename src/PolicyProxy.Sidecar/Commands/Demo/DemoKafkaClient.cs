using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>Sends one Kafka request about one partition from a chosen source address, and reads the error code of that partition.</summary>
internal static class DemoKafkaClient
{
    // The oldest that today's brokers answer; their answers begin alike.
    private const short ProduceVersion = 3;
    private const short FetchVersion = 4;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>The error code, or <see cref="DemoRequest.Reset"/> when the connection ended without an answer.</summary>
    public static async Task<string> SendAsync(DemoRequest request, IPEndPoint target, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_limit);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(request.Sender.Address, 0));
        var isFetch = request.Method == "fetch";
        try
        {
            await socket.ConnectAsync(target, limit.Token).ConfigureAwait(false);
            await socket.SendAsync(Frame(request, isFetch), limit.Token).ConfigureAwait(false);
            using var stream = new NetworkStream(socket);
            return await DemoKafkaFrame.ReadAsync(stream, limit.Token).ConfigureAwait(false) is { } response && TryReadError(response, isFetch, out var error)
                ? DemoRequest.ErrorAnswer(error)
                : DemoRequest.Reset;
        }
        catch (Exception problem) when (problem is SocketException or IOException)
        {
            return DemoRequest.Reset;
        }
    }

    private static ReadOnlyMemory<byte> Frame(DemoRequest request, bool isFetch)
    {
        var output = new ArrayBufferWriter<byte>();
        var names = new KafkaPlainNames { ClientId = Encoding.UTF8.GetBytes(request.Sender.Name), Topic = Encoding.UTF8.GetBytes(request.Path) };
        KafkaPlainRequest.Write(isFetch ? KafkaApi.Fetch : KafkaApi.Produce, isFetch ? FetchVersion : ProduceVersion, 1, names, output);
        return output.WrittenMemory;
    }

    // correlation id, throttling in Fetch, one topic, its name, one partition, its number, its error
    private static bool TryReadError(ReadOnlySpan<byte> response, bool isFetch, out short error)
    {
        var topic = isFetch ? 12 : 8;
        var at = topic + 10 + (response.Length > topic + 2 ? BinaryPrimitives.ReadInt16BigEndian(response[topic..]) : 0);
        error = 0;
        return at >= topic + 10 && at + 2 <= response.Length && BinaryPrimitives.TryReadInt16BigEndian(response[at..], out error);
    }
}
