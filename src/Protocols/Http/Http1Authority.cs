namespace PolicyProxy.Protocols.Http;

/// <summary>
/// Checks <c>host[:port]</c>. Narrower than RFC 3986 on purpose: letters, digits, <c>-._~</c> or an IPv6 address in brackets; no percent
/// escapes, no commas, no userinfo, no empty label in front of the last dot, ports 1..65535 without leading zeros.
/// </summary>
internal static class Http1Authority
{
    /// <summary>Gives the reason to refuse an authority, or None.</summary>
    public static ProtocolErrorCode Check(ReadOnlySpan<byte> authority, int maxBytes, out int portDigits)
    {
        portDigits = 0;
        if (authority.IsEmpty || authority.Length > maxBytes)
        {
            return ProtocolErrorCode.HttpHost;
        }

        var hostLength = authority[0] == '[' ? MeasureAddress(authority) : MeasureName(authority);
        if (hostLength <= 0)
        {
            return authority.Contains((byte)'@') ? ProtocolErrorCode.HttpUserinfo : ProtocolErrorCode.HttpHost;
        }

        if (hostLength == authority.Length)
        {
            return ProtocolErrorCode.None;
        }

        var port = authority[(hostLength + 1)..];
        if (authority[hostLength] != ':' || !IsPort(port))
        {
            return authority.Contains((byte)'@') ? ProtocolErrorCode.HttpUserinfo : ProtocolErrorCode.HttpHost;
        }

        portDigits = port.Length;
        return ProtocolErrorCode.None;
    }

    private static int MeasureName(ReadOnlySpan<byte> authority)
    {
        var previous = (byte)'.';
        for (var i = 0; i < authority.Length; i++)
        {
            var octet = authority[i];
            if (octet == ':')
            {
                return i;
            }

            if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'-' or (byte)'.' or (byte)'_' or (byte)'~'))
            {
                return -1;
            }

            if (octet == '.' && previous == '.')
            {
                return -1;
            }

            previous = octet;
        }

        return authority.Length;
    }

    // The address itself is not taken apart: nobody resolves it, and rules compare text.
    private static int MeasureAddress(ReadOnlySpan<byte> authority)
    {
        var end = authority.IndexOf((byte)']');
        var colons = 0;
        for (var i = 1; i < end; i++)
        {
            var octet = authority[i];
            colons += octet == ':' ? 1 : 0;
            if (!char.IsAsciiHexDigit((char)octet) && octet is not ((byte)':' or (byte)'.'))
            {
                return -1;
            }
        }

        return colons is >= 2 and <= 8 && end <= 46 ? end + 1 : -1;
    }

    private static bool IsPort(ReadOnlySpan<byte> port)
    {
        if (port.Length is 0 or > 5 || port[0] == '0')
        {
            return false;
        }

        var number = 0;
        foreach (var digit in port)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        return number <= 65_535;
    }
}
