using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.TestKit.Http2;

/// <summary>
/// An HTTP/2 client that sends exactly the frames it is given. It lives for at most a minute: waits that take longer end with an exception. One reader and one
/// writer at a time.
/// </summary>
internal sealed class RawHttp2Connection : IDisposable
{
    /// <summary>What every connection starts with.</summary>
    public const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private readonly Socket _socket;
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));
    private readonly Dictionary<int, Http2Answer> _answers = [];
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    private CancellationToken _patience;

    private RawHttp2Connection(Socket socket)
    {
        _socket = socket;
        _patience = _limit.Token;
    }

    /// <summary>The GOAWAY that was received; null = none.</summary>
    public Http2Error? GoneAway { get; private set; }

    /// <summary>True once the peer has ended the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>True leaves flow control windows as they are: the peer can send no more than they allow.</summary>
    public bool KeepsWindow { get; init; }

    /// <summary>Stream of the next request.</summary>
    public int NextStream { get; set; } = 1;

    /// <summary>Connects and sends the preface, with the wish for no dynamic table.</summary>
    public static async Task<RawHttp2Connection> ConnectAsync(IPEndPoint server, IPAddress? source = null, bool keepsWindow = false)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(source ?? IPAddress.Loopback, 0));
            await socket.ConnectAsync(server);
            var connection = new RawHttp2Connection(socket) { KeepsWindow = keepsWindow };
            await connection.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(Preface), .. Http2Frame.Settings((1, 0)).Wire]);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, _limit.Token)..];
        }
    }

    /// <summary>Sends frames in one piece.</summary>
    public Task WriteAsync(params Http2Frame[] frames) => WriteAsync(frames.SelectMany(static frame => frame.Wire).ToArray());

    /// <summary>Writes until the peer takes no more; false if it has ended the connection.</summary>
    public async Task<bool> TryWriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await WriteAsync(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Writes the same bytes again and again until the peer has ended the connection or taken nothing for a second; how often they were begun.</summary>
    public async Task<int> FloodAsync(byte[] bytes, int times)
    {
        for (var written = 0; written < times; written++)
        {
            var write = TryWriteAsync(bytes);
            try
            {
                if (!await write.WaitAsync(TimeSpan.FromSeconds(1)))
                {
                    return written;
                }
            }
            catch (TimeoutException)
            {
                Stalled = write;
                return written + 1;
            }
        }

        return times;
    }

    /// <summary>The write that the peer did not take; read what it has sent, and it will.</summary>
    public Task Stalled { get; private set; } = Task.CompletedTask;

    /// <summary>Opens a stream with this field section; the identifier of the stream.</summary>
    public async Task<int> OpenAsync(byte[] block, bool ends = true)
    {
        var stream = NextStream;
        NextStream += 2;
        await WriteAsync(Http2Frame.Headers(stream, block, ends));
        return stream;
    }

    /// <summary>A request without body and what became of it.</summary>
    public async Task<Http2Answer> AskAsync(byte[] block) => await AnswerAsync(await OpenAsync(block));

    /// <summary>Reads until a stream has ended, in whatever way.</summary>
    public async Task<Http2Answer> AnswerAsync(int stream)
    {
        while (Answer(stream) is { IsOver: false } && await ReadAsync() is not null)
        {
        }

        return Answer(stream) with { GoneAway = GoneAway };
    }

    /// <summary>As <see cref="AnswerAsync(int)"/>, but not for longer than this.</summary>
    /// <exception cref="OperationCanceledException">Nothing came for so long.</exception>
    public async Task<Http2Answer> AnswerAsync(int stream, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        limit.CancelAfter(patience);
        _patience = limit.Token;
        try
        {
            return await AnswerAsync(stream);
        }
        finally
        {
            _patience = _limit.Token;
        }
    }

    /// <summary>Reads until the head of the answer has come, or its end.</summary>
    public async Task<Http2Answer> HeadAsync(int stream)
    {
        while (Answer(stream) is { IsOver: false, Status: 0 } && await ReadAsync() is not null)
        {
        }

        return Answer(stream);
    }

    /// <summary>Says that nothing more will be sent; receiving goes on.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException) // the peer was faster
        {
        }
    }

    /// <summary>Reads to the end of the connection and throws everything away.</summary>
    public async Task DrainAsync()
    {
        while (await ReadAsync() is not null)
        {
        }
    }

    /// <summary>Reads until a frame fits; null if the connection ends before.</summary>
    public async Task<Http2Frame?> UntilAsync(Func<Http2Frame, bool> fits)
    {
        while (await ReadAsync() is { } frame)
        {
            if (fits(frame))
            {
                return frame;
            }
        }

        return null;
    }

    /// <summary>Next frame; null at the end of the connection. Settings and pings are acknowledged, windows kept open.</summary>
    public async Task<Http2Frame?> ReadAsync()
    {
        if (await FillAsync(Http2Frame.HeaderBytes) is false)
        {
            return null;
        }

        var header = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start));
        var length = (int)(header >> 8);
        if (await FillAsync(Http2Frame.HeaderBytes + length) is false)
        {
            return null;
        }

        var frame = new Http2Frame(
            (Http2FrameType)(header & 0xff),
            (Http2Flags)_buffer[_start + 4],
            BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 5)) & int.MaxValue,
            _buffer.AsSpan(_start + Http2Frame.HeaderBytes, length).ToArray());
        _start += Http2Frame.HeaderBytes + length;
        await TakeAsync(frame);
        return frame;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _limit.Dispose();
    }

    private Http2Answer Answer(int stream) => _answers.GetValueOrDefault(stream, new Http2Answer());

    private async Task TakeAsync(Http2Frame frame)
    {
        switch (frame.Type)
        {
            case Http2FrameType.Settings or Http2FrameType.Ping when frame.Flags == Http2Flags.None:
                _ = await TryWriteAsync((frame with { Flags = Http2Flags.EndStream, Payload = frame.Type == Http2FrameType.Ping ? frame.Payload : [] }).Wire);
                break;
            case Http2FrameType.GoAway:
                GoneAway = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(frame.Payload.AsSpan(4));
                break;
            case Http2FrameType.Data when frame.Payload.Length > 0 && !KeepsWindow:
                _ = await TryWriteAsync((byte[])[
                    .. Http2Frame.WindowUpdate(0, (uint)frame.Payload.Length).Wire, .. Http2Frame.WindowUpdate(frame.Stream, (uint)frame.Payload.Length).Wire]);
                break;
        }

        if (frame.Stream > 0)
        {
            _answers[frame.Stream] = Answer(frame.Stream).With(frame);
        }
    }

    private async Task<bool> FillAsync(int count)
    {
        while (_end - _start < count)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            var received = await ReceiveAsync();
            if (received == 0)
            {
                IsClosed = true;
                return false;
            }

            _end += received;
        }

        return true;
    }

    private async Task<int> ReceiveAsync()
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer.AsMemory(_end), _patience);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return 0;
        }
    }
}
