using System.Runtime.CompilerServices;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// The name of a trailer field, collected byte by byte in lower case, underscores as hyphens. Knows the names that may not stand in a
/// trailer section because they decide framing, routing, authentication or how the content is read (RFC 9110 §6.5.1): a recipient that
/// merges trailers into the head would act on a field nobody judged.
/// </summary>
internal struct Http1TrailerName
{
    private const int Capacity = 32;

    private Letters _letters;
    private int _length;

    private static ReadOnlySpan<byte> ForbiddenNames =>
        (" accept authorization cache-control connection content-disposition content-encoding content-language content-length content-location "u8
        + "content-range content-type cookie date expect expires forwarded from host http2-settings keep-alive location max-forwards origin "u8
        + "pragma range referer retry-after set-cookie te trailer transfer-encoding upgrade vary via warning www-authenticate x-method-override "u8
        + "x-real-ip x-rewrite-url "u8);

    /// <summary>True before the first byte.</summary>
    public readonly bool IsEmpty => _length == 0;

    /// <summary>True if the name may not stand in a trailer section.</summary>
    public readonly bool IsForbidden
    {
        get
        {
            Span<byte> padded = stackalloc byte[Capacity + 2];
            padded.Fill((byte)' ');
            var length = Math.Min(_length, Capacity);
            ((ReadOnlySpan<byte>)_letters)[..length].CopyTo(padded[1..]);
            var name = padded.Slice(1, length);
            return ForbiddenNames.IndexOf(padded[..(length + 2)]) >= 0
                || name.StartsWith("if-"u8) || name.StartsWith("proxy-"u8) || name.StartsWith("sec-"u8) || name.StartsWith("access-control-"u8)
                || name.StartsWith("x-forwarded-"u8) || name.StartsWith("x-original-"u8) || name.StartsWith("x-http-method"u8) || name.StartsWith("x-envoy-"u8);
        }
    }

    /// <summary>Adds a byte of the name; those behind the longest forbidden name are only counted.</summary>
    public void Append(byte letter)
    {
        if (_length < Capacity)
        {
            _letters[_length] = letter == '_' ? (byte)'-' : letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
        }

        _length++;
    }

    /// <summary>Starts the next name.</summary>
    public void Clear() => _length = 0;

    [InlineArray(Capacity)]
    private struct Letters
    {
        private byte _first;
    }
}
