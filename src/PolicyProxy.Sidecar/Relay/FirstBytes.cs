using System.Buffers;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// Tells from the first bytes of a client what it speaks and which server it names. Does no IO: it is given what has been received so far, again
/// and longer each time, until <see cref="Kind"/> is known. Allocates the name alone.
/// </summary>
/// <param name="tls">Bounds of a ClientHello.</param>
/// <param name="http">Bounds of a request line.</param>
internal struct FirstBytes(TlsLimits tls, HttpLimits http)
{
    private static readonly SearchValues<byte> s_lineBreakers = SearchValues.Create([.. Enumerable.Range(0, 32).Select(static i => (byte)i), 127]);

    private TlsHelloScanner _scanner = new(tls);

    /// <summary>What is known so far.</summary>
    public FirstBytesKind Kind { get; private set; }

    /// <summary>The server name, in lower case, of TlsNamed and, if it shows one, TlsEncrypted; else empty.</summary>
    public string ServerName { get; private set; } = string.Empty;

    /// <summary>Length of a ClientHello that was read, with its records; else 0.</summary>
    public int HelloBytes { get; private set; }

    /// <summary>True if data of the application may follow the ClientHello before the server has answered.</summary>
    public bool HasEarlyData { get; private set; }

    /// <summary>The application protocols a ClientHello offers.</summary>
    public TlsOffer Offer { get; private set; }

    /// <summary>What is wrong with TlsMalformed.</summary>
    public ProtocolError Error { get; private set; }

    /// <summary>Looks at what has come.</summary>
    /// <param name="received">All bytes since the connection began.</param>
    /// <param name="scratch">At least <see cref="TlsLimits.MaxScratchBytes"/> long.</param>
    public FirstBytesKind Read(ReadOnlySpan<byte> received, Span<byte> scratch)
    {
        if (Kind == FirstBytesKind.Unknown && !received.IsEmpty)
        {
            Kind = received[0] == TlsHelloScanner.FirstByte ? ReadTls(received, scratch) : ReadText(received);
        }

        return Kind;
    }

    private FirstBytesKind ReadTls(ReadOnlySpan<byte> received, Span<byte> scratch)
    {
        var status = _scanner.Scan(received, out int length);
        if (status == OperationStatus.NeedMoreData)
        {
            return FirstBytesKind.Unknown;
        }

        // What the scanner refuses, the parser refuses too, for the same reason.
        var flight = status == OperationStatus.Done ? received[..length] : received;
        if (!TlsClientHello.TryParse(flight, tls, scratch, out var hello, out var error))
        {
            Error = error;
            return FirstBytesKind.TlsMalformed;
        }

        HelloBytes = length;
        HasEarlyData = hello.HasEarlyData;
        Offer = (hello.OffersProtocol("h2"u8) ? TlsOffer.Http2 : TlsOffer.None) | (hello.OffersProtocol("http/1.1"u8) ? TlsOffer.Http1 : TlsOffer.None);
        Span<char> name = stackalloc char[TlsServerName.MaxBytes];
        ServerName = new string(name[..TlsServerName.Write(hello.ServerName, name)]);
        return hello.HasEncryptedHello ? FirstBytesKind.TlsEncrypted
            : hello.ServerName.IsEmpty ? FirstBytesKind.TlsUnnamed
            : FirstBytesKind.TlsNamed;
    }

    private readonly FirstBytesKind ReadText(ReadOnlySpan<byte> received)
    {
        if (Http2Preface.Match(received) is not false and var isHttp2)
        {
            return isHttp2 is true ? FirstBytesKind.Http2 : FirstBytesKind.Unknown;
        }

        var end = received.IndexOfAny(s_lineBreakers);
        var line = end < 0 ? received : received[..end];
        var method = line.IndexOf((byte)' ');
        if ((method < 0 ? line.Length : method) > http.MaxMethodBytes || method == 0 || line.Length > http.MaxMethodBytes + http.MaxTargetBytes + " HTTP/1.1".Length + 1)
        {
            return FirstBytesKind.Other;
        }

        // A line feed has to follow, which the parser sees to.
        return end < 0 ? FirstBytesKind.Unknown
            : received[end] is (byte)'\r' or (byte)'\n' && IsRequestLine(line) ? FirstBytesKind.Http1
            : FirstBytesKind.Other;
    }

    private static bool IsRequestLine(ReadOnlySpan<byte> line) =>
        line.Count((byte)' ') >= 2 && line.Length > 9 && line[^9..^1].SequenceEqual(" HTTP/1."u8) && line[^1] is (byte)'0' or (byte)'1';
}
