using System.Globalization;
using System.Text;

namespace PolicyProxy.Protocols.Http;

/// <summary>A response that a proxy makes itself.</summary>
public readonly ref struct Http1Reply
{
    /// <summary>Status code, 200..599.</summary>
    public required int StatusCode { get; init; }

    /// <summary>Reason phrase, ASCII without control bytes.</summary>
    public required ReadOnlySpan<char> Reason { get; init; }

    /// <summary>Field lines, each with its CRLF.</summary>
    public ReadOnlySpan<byte> Fields { get; init; }

    /// <summary>Time for the Date field (RFC 9110 §6.6.1).</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Content; announced with its length.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>True if the request was HEAD: the content is announced and not sent.</summary>
    public bool IsToHead { get; init; }

    /// <summary>True if the connection is closed behind it.</summary>
    public bool Closes { get; init; }
}

/// <summary>Writes responses that a proxy makes itself, as HTTP/1.1 (RFC 9112 §4). Static and thread-safe; allocates nothing.</summary>
public static class Http1ReplyWriter
{
    /// <summary>Writes head and content.</summary>
    /// <param name="reply">What to write.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>Bytes written; 0 if the destination is too short.</returns>
    public static int Write(scoped in Http1Reply reply, Span<byte> destination)
    {
        var head = new Utf8Builder(destination);
        head.Append("HTTP/1.1 "u8);
        head.AppendNumber(reply.StatusCode);
        head.Append(" "u8);
        head.AppendAscii(reply.Reason);
        head.Append("\r\ncontent-length: "u8);
        head.AppendNumber(reply.Body.Length);
        head.Append("\r\ndate: "u8);
        head.AppendDate(reply.Date);
        head.Append("\r\n"u8);
        head.Append(reply.Fields);
        if (reply.Closes)
        {
            head.Append("connection: close\r\n"u8);
        }

        head.Append("\r\n"u8);
        head.Append(reply.IsToHead ? default : reply.Body);
        return head.Length;
    }

    private ref struct Utf8Builder(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;
        private bool _isFull;

        private int _length;

        public readonly int Length => _isFull ? 0 : _length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (!_isFull && bytes.TryCopyTo(_destination[_length..]))
            {
                _length += bytes.Length;
            }
            else
            {
                _isFull = true;
            }
        }

        public void AppendAscii(ReadOnlySpan<char> text) =>
            Count(Encoding.ASCII.TryGetBytes(text, _destination[_length..], out var written), written);

        public void AppendNumber(int number) =>
            Count(number.TryFormat(_destination[_length..], out var written, default, CultureInfo.InvariantCulture), written);

        public void AppendDate(DateTimeOffset date) =>
            Count(date.TryFormat(_destination[_length..], out var written, "r", CultureInfo.InvariantCulture), written);

        private void Count(bool fits, int written)
        {
            _isFull |= !fits;
            _length += written;
        }
    }
}
