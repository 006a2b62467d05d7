using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.TestKit.Http;

/// <summary>How the peer ended its side of a connection.</summary>
internal enum ConnectionEnd
{
    /// <summary>In order: everything it sent has arrived.</summary>
    Closed,

    /// <summary>By a reset: what has arrived may not be all.</summary>
    Reset,
}

/// <summary>
/// A TCP connection on which tests say byte by byte what is sent; bytes are Latin-1 characters. It lives for at most a minute: waits
/// that take longer end with an exception, so that a hanging peer fails a test instead of stopping the run.
/// </summary>
internal sealed class TextConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));
    private readonly byte[] _block = new byte[64 * 1024];
    private readonly StringBuilder _received = new();

    /// <summary>Takes over a connected socket.</summary>
    public TextConnection(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
    }

    /// <summary>True if bytes have been received and not been read.</summary>
    public bool HasUnread => _received.Length > 0;

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, _limit.Token)..];
        }
    }

    /// <summary>Sends each byte in a call of its own.</summary>
    public async Task WriteBytewiseAsync(string text)
    {
        foreach (var octet in Encoding.Latin1.GetBytes(text))
        {
            await WriteAsync(new[] { octet });
        }
    }

    /// <summary>Reads up to and including <paramref name="end"/>, which is left out of the result; null if the peer ends before.</summary>
    public async Task<string?> ReadUntilAsync(string end)
    {
        var from = 0;
        while (true)
        {
            var text = _received.ToString();
            var at = text.IndexOf(end, from, StringComparison.Ordinal);
            if (at >= 0)
            {
                _received.Remove(0, at + end.Length);
                return text[..at];
            }

            from = Math.Max(text.Length - end.Length + 1, 0);
            if (!await ReceiveAsync())
            {
                return null;
            }
        }
    }

    /// <summary>Reads exactly so many bytes.</summary>
    /// <exception cref="IOException">The peer ended before.</exception>
    public async Task<string> ReadAsync(int count)
    {
        while (_received.Length < count)
        {
            if (!await ReceiveAsync())
            {
                throw new IOException($"the peer ended after {_received.Length} of {count} bytes");
            }
        }

        var text = _received.ToString(0, count);
        _received.Remove(0, count);
        return text;
    }

    /// <summary>Reads whatever comes until the peer ends, and how it did.</summary>
    public async Task<(string Text, ConnectionEnd End)> ReadToEndAsync()
    {
        var end = ConnectionEnd.Closed;
        try
        {
            while (await ReceiveAsync())
            {
            }
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            end = ConnectionEnd.Reset;
        }

        var text = _received.ToString();
        _received.Clear();
        return (text, end);
    }

    /// <summary>Reads up to so many bytes and throws them away; gives how many came before the peer ended.</summary>
    public async Task<long> SkipAsync(long count)
    {
        var kept = (int)Math.Min(count, _received.Length);
        _received.Remove(0, kept);
        var left = count - kept;
        while (left > 0 && await _socket.ReceiveAsync(_block.AsMemory(0, (int)Math.Min(left, _block.Length)), _limit.Token) is > 0 and var received)
        {
            left -= received;
        }

        return count - left;
    }

    /// <summary>Says that nothing more will be sent; receiving goes on.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _limit.Dispose();
    }

    private async Task<bool> ReceiveAsync()
    {
        var count = await _socket.ReceiveAsync(_block, _limit.Token);
        _received.Append(Encoding.Latin1.GetString(_block, 0, count));
        return count > 0;
    }
}
