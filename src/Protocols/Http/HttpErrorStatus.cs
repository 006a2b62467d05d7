namespace PolicyProxy.Protocols.Http;

/// <summary>The status to answer a refused request with. Static and thread-safe.</summary>
public static class HttpErrorStatus
{
    /// <summary>
    /// 413, 414, 417, 431, 501 or 505 where RFC 9110 or RFC 6585 has a number of its own, otherwise 400. The connection is not usable after
    /// any of them. A response that was refused is answered with 502 instead.
    /// </summary>
    /// <param name="code">Why the request was refused.</param>
    public static int Of(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.HttpBodyTooLarge or ProtocolErrorCode.HttpChunkSizeOverflow => 413,
        ProtocolErrorCode.HttpTargetTooLong => 414,
        ProtocolErrorCode.HttpExpectation => 417,
        ProtocolErrorCode.HttpHeadTooLarge or ProtocolErrorCode.HttpFieldCount or ProtocolErrorCode.HttpTrailerTooLarge
            or ProtocolErrorCode.TooLarge => 431,
        ProtocolErrorCode.HttpMethodTooLong or ProtocolErrorCode.HttpTransferEncoding or ProtocolErrorCode.Http2TunnelProtocol => 501,
        ProtocolErrorCode.HttpVersion => 505,
        _ => 400,
    };
}
