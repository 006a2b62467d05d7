namespace PolicyProxy.Protocols.Http;

/// <summary>Tells an unsupported version from text that is no version.</summary>
internal static class Http1Version
{
    /// <summary>HttpVersion for <c>HTTP/</c>, a digit, a dot, a digit; otherwise <paramref name="malformed"/>.</summary>
    public static ProtocolErrorCode CodeOf(ReadOnlySpan<byte> version, ProtocolErrorCode malformed) =>
        version.StartsWith("HTTP/"u8) && char.IsAsciiDigit((char)version[5]) && version[6] == '.' && char.IsAsciiDigit((char)version[7])
            ? ProtocolErrorCode.HttpVersion
            : malformed;
}
