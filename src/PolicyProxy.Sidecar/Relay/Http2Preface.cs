namespace PolicyProxy.Sidecar.Relay;

/// <summary>Tells HTTP/2 with prior knowledge from HTTP/1.1 by the first bytes of a connection (RFC 9113 §3.3, §3.4).</summary>
internal static class Http2Preface
{
    /// <summary>Length of the preface: 24 bytes.</summary>
    public const int Length = 24;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>True if the bytes begin with the preface, false if they cannot, null if more bytes are needed.</summary>
    public static bool? Match(ReadOnlySpan<byte> start)
    {
        if (start.Length >= Length)
        {
            return start.StartsWith(Preface);
        }

        return Preface.StartsWith(start) ? null : false;
    }
}
