namespace PolicyProxy.Protocols.Tls;

/// <summary>What the extensions of a ClientHello say, read one after the other.</summary>
internal ref struct TlsExtensionFacts
{
    private const ushort ServerNameType = 0;
    private const ushort ProtocolNamesType = 16;
    private const ushort PreSharedKeyType = 41;
    private const ushort EarlyDataType = 42;
    private const ushort SupportedVersionsType = 43;
    private const ushort EncryptedServerNameType = 0xFFCE; // drafts before Encrypted Client Hello
    private const ushort EncryptedHelloType = 0xFE0D;
    private const byte HostNameType = 0;

    public ReadOnlySpan<byte> ServerName { get; private set; }

    public ReadOnlySpan<byte> ProtocolNames { get; private set; }

    public ReadOnlySpan<byte> Versions { get; private set; }

    public bool HasEncryptedHello { get; private set; }

    public bool HasPreSharedKey { get; private set; }

    public bool HasEarlyData { get; private set; }

    /// <summary>Reads the extensions to the end of the message.</summary>
    public ProtocolErrorCode Read(scoped ref SpanReader reader, int maxExtensions)
    {
        Span<ushort> seen = stackalloc ushort[Math.Clamp(maxExtensions, 0, 1_024)];
        for (var count = 0; reader.Remaining > 0; count++)
        {
            if (!reader.TryReadUInt16(out var type) || !reader.TryReadUInt16(out var length))
            {
                return ProtocolErrorCode.Truncated;
            }

            var fault = !reader.TryRead(length, out var value) ? ProtocolErrorCode.TlsLength
                : HasPreSharedKey ? ProtocolErrorCode.TlsPreSharedKeyPlace
                : count == seen.Length ? ProtocolErrorCode.TlsExtensionCount
                : seen[..count].Contains(type) ? ProtocolErrorCode.TlsExtensionRepeated
                : Take(type, value);
            if (fault != ProtocolErrorCode.None)
            {
                return fault;
            }

            seen[count] = type;
        }

        return ProtocolErrorCode.None;
    }

    private ProtocolErrorCode Take(ushort type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case ServerNameType:
                return TakeServerName(new SpanReader(value));
            case ProtocolNamesType:
                return TakeProtocolNames(new SpanReader(value));
            case SupportedVersionsType:
                return TakeVersions(value);
            case PreSharedKeyType:
                HasPreSharedKey = true;
                break;
            case EarlyDataType:
                HasEarlyData = true;
                break;
            case EncryptedHelloType or EncryptedServerNameType:
                HasEncryptedHello = true;
                break;
            default:
                break;
        }

        return ProtocolErrorCode.None;
    }

    // A list, of which there is one kind of member, of which there may be one.
    private ProtocolErrorCode TakeServerName(SpanReader reader)
    {
        if (!reader.TryReadUInt16(out var listLength) || listLength != reader.Remaining
            || !reader.TryReadByte(out var type) || type != HostNameType
            || !reader.TryReadUInt16(out var length) || length != reader.Remaining)
        {
            return ProtocolErrorCode.TlsServerNameList;
        }

        ServerName = reader.Rest;
        return TlsServerName.Check(ServerName);
    }

    private ProtocolErrorCode TakeProtocolNames(SpanReader reader)
    {
        if (!reader.TryReadUInt16(out var listLength) || listLength != reader.Remaining || listLength == 0)
        {
            return ProtocolErrorCode.TlsProtocolNames;
        }

        ProtocolNames = reader.Rest;
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadByte(out var length) || length == 0 || !reader.TrySkip(length))
            {
                return ProtocolErrorCode.TlsProtocolNames;
            }
        }

        return ProtocolErrorCode.None;
    }

    private ProtocolErrorCode TakeVersions(ReadOnlySpan<byte> value)
    {
        if (value.Length < 3 || value.Length % 2 == 0 || value[0] != value.Length - 1)
        {
            return ProtocolErrorCode.TlsSupportedVersions;
        }

        Versions = value[1..];
        return ProtocolErrorCode.None;
    }
}
