namespace PolicyProxy.Protocols.Http;

/// <summary>What the field lines of a head say about framing and about the connection, gathered in one pass.</summary>
internal ref struct Http1FieldFacts
{
    private const int LongestKnownName = 22;

    private int _lines;

    public Http1FieldFacts() => ContentLength = -1;

    /// <summary>Value of Content-Length; -1 without one.</summary>
    public long ContentLength { get; private set; }

    public bool IsChunked { get; private set; }

    public bool HasHost { get; private set; }

    public ReadOnlySpan<byte> Host { get; private set; }

    public int HostOffset { get; private set; }

    public bool HasClose { get; private set; }

    public bool HasKeepAlive { get; private set; }

    public bool HasUpgradeOption { get; private set; }

    public bool Expects { get; private set; }

    /// <summary>True if a name holds characters that become underscores where fields become variables.</summary>
    public bool HasUnusualNames { get; private set; }

    public ReadOnlySpan<byte> Upgrade { get; private set; }

    public bool HasOverride { get; private set; }

    /// <summary>Reads all lines from <paramref name="offset"/> on, which have to end with the head.</summary>
    public bool TryRead(ReadOnlySpan<byte> head, int offset, HttpLimits limits, out ProtocolError error)
    {
        var reader = new Http1FieldReader(head, offset);
        while (reader.MoveNext())
        {
            HasUnusualNames |= reader.Name.ContainsAny(Http1FieldLookalikes.UnusualBytes);
            var code = ++_lines > limits.MaxHeaders ? ProtocolErrorCode.HttpFieldCount
                : reader.Name.Length > LongestKnownName ? ProtocolErrorCode.None
                : Take(reader.Name, reader.Value, reader.ValueOffset);
            if (code != ProtocolErrorCode.None)
            {
                error = new(code, reader.ValueOffset);
                return false;
            }
        }

        error = reader.Error != ProtocolErrorCode.None ? new(reader.Error, reader.ValueOffset)
            : reader.Position != head.Length ? new(ProtocolErrorCode.TrailingBytes, reader.Position)
            : IsChunked && ContentLength >= 0 ? new(ProtocolErrorCode.HttpFramingConflict, offset)
            : ContentLength > limits.MaxBodyBytes ? new(ProtocolErrorCode.HttpBodyTooLarge, offset)
            : default;
        return error.Code == ProtocolErrorCode.None;
    }

    private ProtocolErrorCode Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int offset)
    {
        switch (name.Length)
        {
            case 2 when Http1Syntax.IsName(name, "te"u8):
                return TakeTe(value);
            case 4 when Http1Syntax.IsName(name, "host"u8):
                return TakeHost(value, offset);
            case 6 when Http1Syntax.IsName(name, "expect"u8):
                return TakeExpect(value);
            case 7 when Http1Syntax.IsName(name, "upgrade"u8):
                return TakeUpgrade(value);
            case 10 when Http1Syntax.IsName(name, "connection"u8):
                return TakeConnection(value);
            case 14 when Http1Syntax.IsName(name, "content-length"u8):
                return TakeContentLength(value);
            case 17 when Http1Syntax.IsName(name, "transfer-encoding"u8):
                return TakeTransferEncoding(value);

            // gateways that hand fields to programs as variables make one name of both spellings
            case 14 when IsLookalike(name, "content-length"u8):
            case 17 when IsLookalike(name, "transfer-encoding"u8):
                return ProtocolErrorCode.HttpFieldNameLookalike;
            case >= 13:
                HasOverride |= HttpOverrides.IsName(name);
                return ProtocolErrorCode.None;
            default:
                return ProtocolErrorCode.None;
        }
    }

    /// <summary>True if the name becomes <paramref name="real"/> once underscores and dots are taken for hyphens; of equal length.</summary>
    public static bool IsLookalike(ReadOnlySpan<byte> name, ReadOnlySpan<byte> real)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if ((name[i] | 0x20) != real[i] && !(real[i] == '-' && name[i] is (byte)'_' or (byte)'.'))
            {
                return false;
            }
        }

        return true;
    }

    private ProtocolErrorCode TakeHost(ReadOnlySpan<byte> value, int offset)
    {
        if (HasHost)
        {
            return ProtocolErrorCode.HttpHostRepeated;
        }

        HasHost = true;
        Host = value;
        HostOffset = offset;
        return ProtocolErrorCode.None;
    }

    // Stricter than RFC 9110 §8.6: no repetition even if equal, no leading zero, no list
    private ProtocolErrorCode TakeContentLength(ReadOnlySpan<byte> value)
    {
        if (ContentLength >= 0)
        {
            return ProtocolErrorCode.HttpContentLengthRepeated;
        }

        if (value.IsEmpty || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (value[0] == '0' && value.Length > 1))
        {
            return ProtocolErrorCode.HttpContentLength;
        }

        if (!long.TryParse(value, System.Globalization.NumberStyles.None, null, out var number))
        {
            return ProtocolErrorCode.HttpBodyTooLarge;
        }

        ContentLength = number;
        return ProtocolErrorCode.None;
    }

    private ProtocolErrorCode TakeTransferEncoding(ReadOnlySpan<byte> value)
    {
        if (IsChunked)
        {
            return ProtocolErrorCode.HttpTransferEncodingRepeated;
        }

        IsChunked = Http1Syntax.IsName(value, "chunked"u8);
        return IsChunked ? ProtocolErrorCode.None : ProtocolErrorCode.HttpTransferEncoding;
    }

    private ProtocolErrorCode TakeConnection(ReadOnlySpan<byte> value)
    {
        foreach (var option in new Http1ListItems(value))
        {
            if (option.ContainsAnyExcept(Http1Syntax.TokenBytes) || IsEndToEnd(option))
            {
                return ProtocolErrorCode.HttpConnectionOption;
            }

            HasClose |= Http1Syntax.IsName(option, "close"u8);
            HasKeepAlive |= Http1Syntax.IsName(option, "keep-alive"u8);
            HasUpgradeOption |= Http1Syntax.IsName(option, "upgrade"u8);
        }

        return ProtocolErrorCode.None;
    }

    // An option tells the next hop to drop the field of that name; without these the message means something else.
    private static bool IsEndToEnd(ReadOnlySpan<byte> option) =>
        Http1Syntax.IsName(option, "host"u8) || Http1Syntax.IsName(option, "content-length"u8)
        || Http1Syntax.IsName(option, "transfer-encoding"u8) || Http1Syntax.IsName(option, "authorization"u8)
        || Http1Syntax.IsName(option, "cookie"u8) || Http1Syntax.IsName(option, "content-type"u8);

    private static ProtocolErrorCode TakeTe(ReadOnlySpan<byte> value)
    {
        foreach (var item in new Http1ListItems(value))
        {
            var weight = item.IndexOf((byte)';');
            if (Http1Syntax.IsName(Http1Syntax.TrimWhitespace(weight < 0 ? item : item[..weight]), "chunked"u8))
            {
                return ProtocolErrorCode.HttpTe;
            }
        }

        return ProtocolErrorCode.None;
    }

    private ProtocolErrorCode TakeExpect(ReadOnlySpan<byte> value)
    {
        if (Expects || !Http1Syntax.IsName(value, "100-continue"u8))
        {
            return ProtocolErrorCode.HttpExpectation;
        }

        Expects = true;
        return ProtocolErrorCode.None;
    }

    private ProtocolErrorCode TakeUpgrade(ReadOnlySpan<byte> value)
    {
        if (!Upgrade.IsEmpty || value.IsEmpty)
        {
            return ProtocolErrorCode.HttpUpgrade;
        }

        foreach (var item in new Http1ListItems(value))
        {
            var slash = item.IndexOf((byte)'/');
            var name = slash < 0 ? item : item[..slash];
            if (name.IsEmpty || name.ContainsAnyExcept(Http1Syntax.TokenBytes) || item[(slash + 1)..].IsEmpty
                || item[(slash + 1)..].ContainsAnyExcept(Http1Syntax.TokenBytes))
            {
                return ProtocolErrorCode.HttpUpgrade;
            }
        }

        Upgrade = value;
        return ProtocolErrorCode.None;
    }

    /// <summary>Sorts the protocols that the Upgrade field names.</summary>
    public readonly Http1Upgrade ClassifyUpgrade()
    {
        if (Upgrade.IsEmpty)
        {
            return Http1Upgrade.None;
        }

        foreach (var item in new Http1ListItems(Upgrade))
        {
            if (Http1Syntax.IsName(item, "h2c"u8) || Http1Syntax.IsName(item, "h2"u8) || item.StartsWith("HTTP/2"u8))
            {
                return Http1Upgrade.Http2;
            }
        }

        return Http1Syntax.IsName(Upgrade, "websocket"u8) ? Http1Upgrade.WebSocket : Http1Upgrade.Other;
    }
}
