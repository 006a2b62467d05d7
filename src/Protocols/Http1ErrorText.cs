namespace PolicyProxy.Protocols;

/// <summary>What each HTTP/1 member of <see cref="ProtocolErrorCode"/> says to a reader, and where the rule is written down.</summary>
internal static class Http1ErrorText
{
    /// <summary>One clause in English, lower case, without a full stop; empty for any other code.</summary>
    public static string Describe(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.HttpHeadTooLarge => "the head is longer than the limit",
        ProtocolErrorCode.HttpTargetTooLong => "the request-target is longer than the limit",
        ProtocolErrorCode.HttpMethodTooLong => "the method is longer than the limit",
        ProtocolErrorCode.HttpFieldCount => "the head has more field lines than the limit",
        ProtocolErrorCode.HttpBareLineFeed => "a line feed stands alone",
        ProtocolErrorCode.HttpBareCarriageReturn => "a carriage return stands alone",
        ProtocolErrorCode.HttpControlByte => "a line holds a control byte",
        ProtocolErrorCode.HttpRequestLine => "the request line is malformed",
        ProtocolErrorCode.HttpMethod => "the method is not a token",
        ProtocolErrorCode.HttpVersion => "the version is not 1.0 or 1.1",
        ProtocolErrorCode.HttpStatusLine => "the status line is malformed",
        ProtocolErrorCode.HttpFieldName => "a field name is not a token",
        ProtocolErrorCode.HttpFieldNameSpace => "whitespace stands before a colon",
        ProtocolErrorCode.HttpLineFolding => "a field line is folded",
        ProtocolErrorCode.HttpFieldLine => "a field line has no colon",
        ProtocolErrorCode.HttpFieldNameLookalike => "a field name imitates another field",
        ProtocolErrorCode.HttpHostMissing => "the Host field is missing",
        ProtocolErrorCode.HttpHostRepeated => "the Host field is repeated",
        ProtocolErrorCode.HttpHost => "the host or its port is malformed",
        ProtocolErrorCode.HttpHostMismatch => "the request-target and the Host field name different authorities",
        ProtocolErrorCode.HttpUserinfo => "the authority holds userinfo",
        ProtocolErrorCode.HttpScheme => "the scheme is not http or https",
        ProtocolErrorCode.HttpContentLength => "Content-Length is not a plain number",
        ProtocolErrorCode.HttpContentLengthRepeated => "Content-Length is repeated",
        ProtocolErrorCode.HttpBodyTooLarge => "the body is longer than the limit",
        ProtocolErrorCode.HttpTransferEncoding => "the transfer coding is not chunked",
        ProtocolErrorCode.HttpTransferEncodingRepeated => "Transfer-Encoding is repeated",
        ProtocolErrorCode.HttpTransferEncodingVersion => "Transfer-Encoding stands in HTTP/1.0",
        ProtocolErrorCode.HttpFramingConflict => "Transfer-Encoding and Content-Length stand together",
        ProtocolErrorCode.HttpConnectionOption => "a connection option is malformed or names an end-to-end field",
        ProtocolErrorCode.HttpTe => "TE names the chunked coding",
        ProtocolErrorCode.HttpExpectation => "the expectation is not 100-continue",
        ProtocolErrorCode.HttpUpgrade => "the Upgrade field is malformed",
        ProtocolErrorCode.HttpBodyForbidden => "a response without body announces one",
        ProtocolErrorCode.HttpChunkSize => "a chunk size is malformed",
        ProtocolErrorCode.HttpChunkSizeOverflow => "a chunk size is larger than the limit",
        ProtocolErrorCode.HttpChunkExtension => "a chunk extension is malformed",
        ProtocolErrorCode.HttpChunkExtensionTooLong => "chunk extensions are longer than the limit",
        ProtocolErrorCode.HttpChunkEnd => "a chunk does not end with CRLF",
        ProtocolErrorCode.HttpTrailerTooLarge => "the trailer section is longer than the limit",
        ProtocolErrorCode.HttpTrailerField => "a trailer field belongs into the head",
        ProtocolErrorCode.Http2ConnectionField => "a field speaks of a connection, which HTTP/2 does not have",
        ProtocolErrorCode.Http2TunnelProtocol => "the protocol asked for by CONNECT is not websocket",
        ProtocolErrorCode.Http2Error => "a frame or a field section breaks a rule of HTTP/2",
        _ => "",
    };

    /// <summary>The section behind the rule; empty for any other code.</summary>
    public static string Source(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.HttpHeadTooLarge
            or ProtocolErrorCode.HttpFieldCount => "RFC 6585 §5",
        ProtocolErrorCode.HttpTargetTooLong => "RFC 9110 §15.5.15",
        ProtocolErrorCode.HttpMethodTooLong
            or ProtocolErrorCode.HttpRequestLine => "RFC 9112 §3",
        ProtocolErrorCode.HttpBareLineFeed
            or ProtocolErrorCode.HttpBareCarriageReturn => "RFC 9112 §2.2",
        ProtocolErrorCode.HttpControlByte => "RFC 9110 §5.5",
        ProtocolErrorCode.HttpMethod => "RFC 9110 §9.1",
        ProtocolErrorCode.HttpVersion => "RFC 9110 §15.6.6",
        ProtocolErrorCode.HttpStatusLine => "RFC 9112 §4",
        ProtocolErrorCode.HttpFieldName => "RFC 9110 §5.1",
        ProtocolErrorCode.HttpFieldNameSpace => "RFC 9112 §5.1",
        ProtocolErrorCode.HttpLineFolding => "RFC 9112 §5.2",
        ProtocolErrorCode.HttpFieldLine => "RFC 9112 §5",
        ProtocolErrorCode.HttpFieldNameLookalike => "RFC 9110 §17.10",
        ProtocolErrorCode.HttpHostMissing
            or ProtocolErrorCode.HttpHostRepeated => "RFC 9112 §3.2",
        ProtocolErrorCode.HttpHost => "RFC 9110 §7.2",
        ProtocolErrorCode.HttpHostMismatch => "RFC 9112 §3.2.2",
        ProtocolErrorCode.HttpUserinfo => "RFC 9110 §4.2.4",
        ProtocolErrorCode.HttpScheme => "RFC 9110 §4.2",
        ProtocolErrorCode.HttpContentLength
            or ProtocolErrorCode.HttpBodyForbidden => "RFC 9110 §8.6",
        ProtocolErrorCode.HttpContentLengthRepeated
            or ProtocolErrorCode.HttpFramingConflict => "RFC 9112 §6.3",
        ProtocolErrorCode.HttpBodyTooLarge => "RFC 9110 §15.5.14",
        ProtocolErrorCode.HttpTransferEncoding
            or ProtocolErrorCode.HttpTransferEncodingRepeated
            or ProtocolErrorCode.HttpTransferEncodingVersion => "RFC 9112 §6.1",
        ProtocolErrorCode.HttpConnectionOption => "RFC 9110 §7.6.1",
        ProtocolErrorCode.HttpTe => "RFC 9110 §10.1.4",
        ProtocolErrorCode.HttpExpectation => "RFC 9110 §10.1.1",
        ProtocolErrorCode.HttpUpgrade => "RFC 9110 §7.8",
        ProtocolErrorCode.HttpChunkSize
            or ProtocolErrorCode.HttpChunkSizeOverflow
            or ProtocolErrorCode.HttpChunkEnd => "RFC 9112 §7.1",
        ProtocolErrorCode.HttpChunkExtension
            or ProtocolErrorCode.HttpChunkExtensionTooLong => "RFC 9112 §7.1.1",
        ProtocolErrorCode.HttpTrailerTooLarge => "RFC 9112 §7.1.2",
        ProtocolErrorCode.HttpTrailerField => "RFC 9110 §6.5.1",
        ProtocolErrorCode.Http2ConnectionField => "RFC 9113 §8.2.2",
        ProtocolErrorCode.Http2TunnelProtocol => "RFC 8441 §4",
        ProtocolErrorCode.Http2Error => "RFC 9113 §5.4",
        _ => "",
    };
}
