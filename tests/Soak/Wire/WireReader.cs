using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.Soak.Wire;

/// <summary>
/// Reads HTTP/1.1 messages from a socket: heads as text, bodies into a <see cref="BodyCheck"/>. Trusts the sizes it reads: both ends of
/// the wire are this program's, and what stands between is under test. The socket stays the caller's.
/// </summary>
/// <exception cref="EndOfStreamException">From all methods: the peer ended the stream inside a message.</exception>
/// <exception cref="SocketException">From all methods: the connection broke.</exception>
internal sealed class WireReader(Socket socket, int bufferBytes = 16 * 1024)
{
    private readonly byte[] _buffer = new byte[bufferBytes];
    private int _start;
    private int _end;

    /// <summary>Waits this long before each receive. Default 0: a reader as fast as it can be.</summary>
    public TimeSpan Pace { get; init; }

    private ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Start line and field lines up to the empty line, without it; null if the peer ended the stream between messages.</summary>
    public async ValueTask<string?> ReadHeadAsync(CancellationToken cancellation)
    {
        var searched = 0;
        while (true)
        {
            var at = Unread[searched..].IndexOf("\r\n\r\n"u8);
            if (at >= 0)
            {
                var head = Encoding.Latin1.GetString(Unread[..(searched + at)]);
                _start += searched + at + 4;
                return head;
            }

            searched = Math.Max(0, Unread.Length - 3);
            if (!await ReceiveAsync(cancellation))
            {
                return Unread.IsEmpty ? null : throw new EndOfStreamException("inside a head");
            }
        }
    }

    public async ValueTask ReadBodyAsync(long length, BodyCheck body, CancellationToken cancellation)
    {
        while (length > 0)
        {
            if (Unread.IsEmpty && !await ReceiveAsync(cancellation))
            {
                throw new EndOfStreamException("inside a body");
            }

            var piece = Unread[..(int)Math.Min(length, Unread.Length)];
            body.Take(piece);
            length -= piece.Length;
            _start += piece.Length;
        }
    }

    public async ValueTask ReadChunkedAsync(BodyCheck body, CancellationToken cancellation)
    {
        var framing = new BodyCheck(null);
        while (true)
        {
            var line = await ReadLineAsync(cancellation);
            var size = long.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                while ((await ReadLineAsync(cancellation)).Length > 0)
                {
                    // trailers
                }

                return;
            }

            await ReadBodyAsync(size, body, cancellation);
            await ReadBodyAsync(2, framing, cancellation);
        }
    }

    public async ValueTask ReadToEndAsync(BodyCheck body, CancellationToken cancellation)
    {
        do
        {
            body.Take(Unread);
            _start = _end;
        }
        while (await ReceiveAsync(cancellation));
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellation)
    {
        int at;
        while ((at = Unread.IndexOf("\r\n"u8)) < 0)
        {
            if (!await ReceiveAsync(cancellation))
            {
                throw new EndOfStreamException("inside a chunk's line");
            }
        }

        var line = Encoding.Latin1.GetString(Unread[..at]);
        _start += at + 2;
        return line;
    }

    private async ValueTask<bool> ReceiveAsync(CancellationToken cancellation)
    {
        if (Pace > TimeSpan.Zero)
        {
            await Task.Delay(Pace, cancellation);
        }

        if (_start > 0)
        {
            Unread.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            throw new InvalidDataException("a head is longer than the buffer");
        }

        var count = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
        _end += count;
        return count > 0;
    }
}
