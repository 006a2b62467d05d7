using System.Buffers;
using System.Text;

namespace PolicyProxy.Protocols.Tls;

/// <summary>
/// The name a client asks for in its ClientHello (RFC 6066 §3): a DNS name in ASCII, letters, digits, hyphens and underscores between dots,
/// without a final dot. An address is none, nor is what the C library would read as one. Static and thread-safe; allocates nothing.
/// </summary>
public static class TlsServerName
{
    /// <summary>Longest name, in bytes: 255 on the wire of DNS, less a length byte and the root (RFC 1035 §2.3.4).</summary>
    public const int MaxBytes = 253;

    private const int MaxLabelBytes = 63;

    private static readonly SearchValues<byte> s_labelBytes =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Says what is wrong with a name.</summary>
    /// <param name="name">As sent.</param>
    /// <returns>None, <see cref="ProtocolErrorCode.TlsServerName"/> or <see cref="ProtocolErrorCode.TlsServerNameAddress"/>.</returns>
    public static ProtocolErrorCode Check(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxBytes)
        {
            return ProtocolErrorCode.TlsServerName;
        }

        ReadOnlySpan<byte> last = default;
        foreach (var label in name.Split((byte)'.'))
        {
            last = name[label];
            if (last.Length is 0 or > MaxLabelBytes || last.ContainsAnyExcept(s_labelBytes))
            {
                return ProtocolErrorCode.TlsServerName;
            }
        }

        return IsNumber(last) ? ProtocolErrorCode.TlsServerNameAddress : ProtocolErrorCode.None;
    }

    /// <summary>Writes the name as it is compared: in lower case.</summary>
    /// <param name="name">A name that was checked.</param>
    /// <param name="destination">At least as long; <see cref="MaxBytes"/> always suffice.</param>
    /// <returns>Characters written; 0 if they do not fit.</returns>
    public static int Write(ReadOnlySpan<byte> name, Span<char> destination) =>
        Ascii.ToLower(name, destination, out var written) == OperationStatus.Done ? written : 0;

    // Decimal, octal or hexadecimal: a name that ends so is an IPv4 address to many programs, and no top-level domain does.
    private static bool IsNumber(ReadOnlySpan<byte> label) =>
        !label.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        || (label is [(byte)'0', (byte)'x' or (byte)'X', .. var digits] && IsHexadecimal(digits));

    private static bool IsHexadecimal(ReadOnlySpan<byte> digits)
    {
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }
        }

        return true;
    }
}
