using System.Buffers;

namespace PolicyProxy.Protocols.Tls;

/// <summary>
/// The first message of a TLS client, a view on its bytes. Everything is checked on parsing, so reading it cannot fail: records, lengths,
/// extensions (none twice), the server name. What a server could read in another way is refused. Nothing is allocated; bytes and scratch must
/// outlive the view and stay unchanged.
/// </summary>
public readonly ref struct TlsClientHello
{
    private const int RandomBytes = 32;
    private const int MaxSessionIdBytes = 32;

    private readonly ReadOnlySpan<byte> _protocolNames;
    private readonly ReadOnlySpan<byte> _versions;

    private TlsClientHello(ushort legacyVersion, scoped in TlsExtensionFacts facts)
    {
        LegacyVersion = legacyVersion;
        ServerName = facts.ServerName;
        HasEncryptedHello = facts.HasEncryptedHello;
        HasPreSharedKey = facts.HasPreSharedKey;
        HasEarlyData = facts.HasEarlyData;
        _protocolNames = facts.ProtocolNames;
        _versions = facts.Versions;
    }

    /// <summary>
    /// The host name asked for, as sent, by the rules of <see cref="TlsServerName"/>; empty if none was. Beside an encrypted ClientHello it is
    /// only the name of the server that decrypts it.
    /// </summary>
    public ReadOnlySpan<byte> ServerName { get; }

    /// <summary>True if another ClientHello may be hidden inside, with the true server name. Some clients pretend that there is one (GREASE).</summary>
    public bool HasEncryptedHello { get; }

    /// <summary>True if a session is resumed, or a key was agreed on otherwise.</summary>
    public bool HasPreSharedKey { get; }

    /// <summary>True if data of the application follows before the server has answered.</summary>
    public bool HasEarlyData { get; }

    /// <summary>The version field: 0x0303 for TLS 1.2 and all later versions.</summary>
    public ushort LegacyVersion { get; }

    /// <summary>Highest version offered, such as 0x0304 for TLS 1.3; 0 if none is that has a number of the form 3.x.</summary>
    public ushort HighestVersion
    {
        get
        {
            if (_versions.IsEmpty)
            {
                return LegacyVersion;
            }

            ushort highest = 0;
            var reader = new SpanReader(_versions);
            while (reader.TryReadUInt16(out var version))
            {
                highest = IsVersion(version) && version > highest ? version : highest;
            }

            return highest;
        }
    }

    /// <summary>The application protocols offered; none without ALPN.</summary>
    public TlsProtocolNames ApplicationProtocols => new(_protocolNames);

    /// <summary>True if the client offers an application protocol.</summary>
    /// <param name="name">Such as <c>h2</c>; compared byte by byte.</param>
    public bool OffersProtocol(ReadOnlySpan<byte> name)
    {
        foreach (var offered in ApplicationProtocols)
        {
            if (offered.SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a ClientHello.</summary>
    /// <param name="flight">All its records, as <see cref="TlsHelloScanner"/> found them.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="scratch">Takes the message if it is cut over records; <see cref="TlsLimits.MaxScratchBytes"/> always suffice, fewer give TooLarge.</param>
    /// <param name="hello">The view; default on failure.</param>
    /// <param name="error">
    /// Truncated, TooLarge, TrailingBytes or a code of TLS. Behind the header of the message, the offset is that in a message of one record.
    /// </param>
    public static bool TryParse(ReadOnlySpan<byte> flight, TlsLimits limits, Span<byte> scratch, out TlsClientHello hello, out ProtocolError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        hello = default;
        var scanner = new TlsHelloScanner(limits);
        var status = scanner.Scan(flight, out int length);
        error = status switch
        {
            OperationStatus.NeedMoreData => new(ProtocolErrorCode.Truncated, flight.Length),
            OperationStatus.Done => length < flight.Length ? new(ProtocolErrorCode.TrailingBytes, length) : default,
            _ => scanner.Error,
        };
        if (error.Code != ProtocolErrorCode.None)
        {
            return false;
        }

        if (!TryJoin(flight, scratch, out var message))
        {
            error = new(ProtocolErrorCode.TooLarge, 0);
            return false;
        }

        var reader = new SpanReader(message);
        var facts = default(TlsExtensionFacts);
        var code = ReadFields(ref reader, limits, ref facts, out var legacyVersion);
        if (code != ProtocolErrorCode.None)
        {
            error = new(code, TlsHelloScanner.RecordHeaderBytes + reader.Position);
            return false;
        }

        hello = new(legacyVersion, facts);
        return true;
    }

    // The message without the headers of its records. The scanner has seen that they are whole.
    private static bool TryJoin(ReadOnlySpan<byte> flight, Span<byte> scratch, out ReadOnlySpan<byte> message)
    {
        var records = new SpanReader(flight);
        var joined = 0;
        message = default;
        while (TryReadRecord(ref records, out var fragment))
        {
            if (joined == 0 && records.Remaining == 0)
            {
                message = fragment;
                return true;
            }

            if (!fragment.TryCopyTo(scratch[joined..]))
            {
                return false;
            }

            joined += fragment.Length;
        }

        message = scratch[..joined];
        return true;
    }

    private static bool TryReadRecord(scoped ref SpanReader records, out ReadOnlySpan<byte> fragment)
    {
        fragment = default;
        return records.TrySkip(TlsHelloScanner.RecordHeaderBytes - sizeof(ushort))
            && records.TryReadUInt16(out var length)
            && records.TryRead(length, out fragment);
    }

    // Version, random, session id, cipher suites, compression methods, extensions; the last may be missing before TLS 1.3.
    private static ProtocolErrorCode ReadFields(ref SpanReader reader, TlsLimits limits, scoped ref TlsExtensionFacts facts, out ushort version)
    {
        version = 0;
        if (!reader.TrySkip(TlsHelloScanner.MessageHeaderBytes) || !reader.TryReadUInt16(out version))
        {
            return ProtocolErrorCode.Truncated;
        }

        if (!IsVersion(version))
        {
            return ProtocolErrorCode.TlsVersion;
        }

        if (!reader.TrySkip(RandomBytes) || !reader.TryReadByte(out var sessionId))
        {
            return ProtocolErrorCode.Truncated;
        }

        if (sessionId > MaxSessionIdBytes || !reader.TrySkip(sessionId)
            || !reader.TryReadUInt16(out var ciphers) || ciphers == 0 || ciphers % 2 != 0 || !reader.TrySkip(ciphers)
            || !reader.TryReadByte(out var compressions) || compressions == 0 || !reader.TrySkip(compressions))
        {
            return ProtocolErrorCode.TlsLength;
        }

        if (reader.Remaining == 0)
        {
            return ProtocolErrorCode.None;
        }

        return !reader.TryReadUInt16(out var extensions) || extensions > reader.Remaining ? ProtocolErrorCode.TlsLength
            : extensions < reader.Remaining ? ProtocolErrorCode.TrailingBytes
            : facts.Read(ref reader, limits.MaxExtensions);
    }

    private static bool IsVersion(ushort version) => version >> 8 == 3;
}
