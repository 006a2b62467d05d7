using System.Net;
using System.Net.Sockets;
using PolicyProxy.Soak.Wire;

namespace PolicyProxy.Soak.Traffic;

/// <summary>One connection of a client to the sidecar. A peer that stays silent for <see cref="Patience"/> counts as timed out.</summary>
internal sealed class ClientConnection : IDisposable
{
    /// <summary>Longest wait for anything. Longer than any limit of the sidecar that ought to end the wait with an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _patience = new();
    private readonly WireReader _reader;

    private ClientConnection(Socket socket, TimeSpan pace)
    {
        Socket = socket;
        _reader = new WireReader(socket) { Pace = pace };
    }

    public Socket Socket { get; }

    /// <summary>The last exchange, for messages.</summary>
    public string Last { get; private set; } = "nothing";

    /// <summary>Completes when the peer asks for the body of a request with <c>Expect: 100-continue</c>.</summary>
    public TaskCompletionSource Continue { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancelled when the peer has been silent for too long.</summary>
    public CancellationToken Silence => _patience.Token;

    /// <param name="server">The sidecar.</param>
    /// <param name="pace">Wait before each receive; 0 = none. With a pace the receive buffer is small too, so that the sidecar has to wait.</param>
    public static async Task<ClientConnection> ConnectAsync(IPEndPoint server, TimeSpan pace = default)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (pace > TimeSpan.Zero)
            {
                socket.ReceiveBufferSize = 8 * 1024;
            }

            using var limit = new CancellationTokenSource(Patience);
            await socket.ConnectAsync(server, limit.Token);
            return new ClientConnection(socket, pace);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task SendTextAsync(string text) => Socket.SendTextAsync(text, Wait());

    /// <summary>Sends requests with their bodies in one write as far as the system takes them; then ends this half if asked to.</summary>
    public async Task SendTogetherAsync(IEnumerable<Exchange> exchanges, bool halfClose)
    {
        var bytes = exchanges.SelectMany(static exchange => exchange.Bytes()).ToArray();
        await Socket.SendAllAsync(bytes, Wait());
        if (halfClose)
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
    }

    public Task SendHeadAsync(Exchange exchange) => Socket.SendTextAsync(exchange.Head(), Wait());

    /// <summary>Sends the whole body, if there is one.</summary>
    public Task SendBodyAsync(Exchange exchange) => exchange.Body switch
    {
        RequestBody.Length => Socket.SendBodyAsync(exchange.Tagged, 0, exchange.BodyBytes, Wait()),
        RequestBody.Chunked => Socket.SendChunkedAsync(exchange.Tagged, exchange.BodyBytes, end: true, Wait()),
        _ => Task.CompletedTask,
    };

    /// <summary>Reads the answer to the oldest request not answered yet. Never throws for what the peer does.</summary>
    public async Task<Answer> ReadAsync(Exchange exchange)
    {
        HeadText? seen = null;
        try
        {
            while (await _reader.ReadHeadAsync(Wait()) is { } text)
            {
                seen = new HeadText(text);
                if (seen.Value.Status is >= 200 or 101)
                {
                    return await ReadBodyAsync(exchange, seen.Value);
                }

                if (seen.Value.Status == 100)
                {
                    Continue.TrySetResult();
                }
            }

            return Answer.Broken(AnswerEnd.Nothing);
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException)
        {
            return Answer.Broken(seen is null && error is SocketException ? AnswerEnd.Nothing : AnswerEnd.Truncated);
        }
        catch (OperationCanceledException)
        {
            return Answer.Broken(AnswerEnd.TimedOut);
        }
        finally
        {
            Continue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Dispose()
    {
        Socket.Dispose();
        _patience.Dispose();
    }

    private async Task<Answer> ReadBodyAsync(Exchange exchange, HeadText head)
    {
        var tag = head.Field(Exchange.IdField);
        var body = new BodyCheck(tag is null ? null : exchange.Tagged);
        var ends = false;
        if (exchange.Method == "HEAD" || head.Status is 101 or 204 or 304)
        {
            // no body whatever the fields say
        }
        else if (head.IsChunked)
        {
            await _reader.ReadChunkedAsync(body, Wait());
        }
        else if (head.ContentLength is { } length)
        {
            await _reader.ReadBodyAsync(length, body, Wait());
        }
        else
        {
            ends = true;
            await _reader.ReadToEndAsync(body, Wait());
        }

        Last = $"{exchange.Method} with {exchange.BodyBytes} bytes, expect {exchange.ExpectContinue}, answered {head.Status} {exchange.Response}";
        return new Answer(AnswerEnd.Complete, head.Status, tag, body.IsRight, body.Length, ends || head.Closes);
    }

    /// <summary>Starts the wait anew.</summary>
    private CancellationToken Wait()
    {
        _patience.CancelAfter(Patience);
        return _patience.Token;
    }
}
