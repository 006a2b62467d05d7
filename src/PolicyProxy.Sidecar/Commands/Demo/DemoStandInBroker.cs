using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>
/// Stands in for the broker the demo protects: takes Produce requests, says that they are written, and counts every request, so that a leak would show. It keeps nothing and
/// knows no other request.
/// </summary>
internal sealed class DemoStandInBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _requests;

    private DemoStandInBroker()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Requests that arrived here.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public static DemoStandInBroker Start() => new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await DemoKafkaFrame.ReadAsync(stream, _stop.Token).ConfigureAwait(false) is { } frame)
                {
                    Interlocked.Increment(ref _requests);
                    if (Answer(frame) is not { } answer)
                    {
                        return;
                    }

                    await stream.WriteAsync(answer, _stop.Token).ConfigureAwait(false);
                }
            }
            catch (Exception problem) when (problem is IOException or OperationCanceledException)
            {
                // the client or the demo has ended
            }
        }
    }

    // Produce 3: correlation id; one topic, one partition without error, at offset 0, without a time; no throttling.
    private static byte[]? Answer(byte[] frame)
    {
        if (!KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out _) || request is not { ApiKey: KafkaApi.Produce, ApiVersion: 3, TopicCount: 1 })
        {
            return null;
        }

        var topics = request.Topics.GetEnumerator();
        _ = topics.MoveNext();
        var topic = topics.Current.Name;
        var answer = new byte[4 + 4 + 4 + 2 + topic.Length + 4 + 4 + 2 + 8 + 8 + 4];
        BinaryPrimitives.WriteInt32BigEndian(answer, answer.Length - 4);
        BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(4), request.CorrelationId);
        BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(8), 1);
        BinaryPrimitives.WriteInt16BigEndian(answer.AsSpan(12), (short)topic.Length);
        topic.CopyTo(answer.AsSpan(14));
        var partition = answer.AsSpan(14 + topic.Length);
        BinaryPrimitives.WriteInt32BigEndian(partition, 1);
        BinaryPrimitives.WriteInt64BigEndian(partition[18..], -1);
        return answer;
    }
}
