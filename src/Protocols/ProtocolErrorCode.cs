namespace PolicyProxy.Protocols;

/// <summary>Why bytes were refused. One member per reason a flow can give; 1xx HTTP and gRPC, 2xx Kafka, 3xx DNS, 4xx TLS.</summary>
public enum ProtocolErrorCode
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The message ends before a field it announced.</summary>
    Truncated = 1,

    /// <summary>A length is larger than the limit in force.</summary>
    TooLarge = 2,

    /// <summary>Bytes follow where the message must end.</summary>
    TrailingBytes = 3,

    /// <summary>A request-target is empty or in a form that its method does not allow.</summary>
    HttpTargetForm = 100,

    /// <summary>A request-target holds a control byte or a space.</summary>
    HttpTargetControl = 101,

    /// <summary>A request-target holds a character outside ASCII.</summary>
    HttpTargetNonAscii = 102,

    /// <summary>A request-target holds a fragment.</summary>
    HttpTargetFragment = 103,

    /// <summary>A percent sign in a path is not followed by two hex digits.</summary>
    HttpTargetEscape = 104,

    /// <summary>A path holds an escaped NUL, which ends the path in some origins.</summary>
    HttpTargetNul = 105,

    /// <summary>A path holds an escape that, decoded twice, becomes a dot, a separator or a NUL.</summary>
    HttpTargetDoubleEscape = 106,

    /// <summary>A path holds an over-long UTF-8 form of an ASCII character.</summary>
    HttpTargetOverlong = 107,

    /// <summary>A path climbs with dot segments across separators that origins disagree about.</summary>
    HttpTargetAmbiguous = 108,

    /// <summary>A head is longer than the limit.</summary>
    HttpHeadTooLarge = 109,

    /// <summary>A request-target is longer than the limit.</summary>
    HttpTargetTooLong = 110,

    /// <summary>A method is longer than the limit.</summary>
    HttpMethodTooLong = 111,

    /// <summary>A head has more field lines than the limit.</summary>
    HttpFieldCount = 112,

    /// <summary>A line feed stands without a carriage return in front.</summary>
    HttpBareLineFeed = 113,

    /// <summary>A carriage return stands without a line feed behind.</summary>
    HttpBareCarriageReturn = 114,

    /// <summary>NUL, DEL or another control byte stands in a line.</summary>
    HttpControlByte = 115,

    /// <summary>The first line is not method, space, target, space, version.</summary>
    HttpRequestLine = 116,

    /// <summary>A method is empty or no token.</summary>
    HttpMethod = 117,

    /// <summary>The version is neither HTTP/1.0 nor HTTP/1.1.</summary>
    HttpVersion = 118,

    /// <summary>The first line of a response is not version, space, three digits.</summary>
    HttpStatusLine = 119,

    /// <summary>A field name is empty or no token.</summary>
    HttpFieldName = 120,

    /// <summary>Whitespace stands between a field name and its colon.</summary>
    HttpFieldNameSpace = 121,

    /// <summary>A line starts with whitespace and so continues the one before.</summary>
    HttpLineFolding = 122,

    /// <summary>A field line has no colon.</summary>
    HttpFieldLine = 123,

    /// <summary>A field name becomes a framing field, or the same as another field's, once a gateway has made a variable of it.</summary>
    HttpFieldNameLookalike = 124,

    /// <summary>An HTTP/1.1 request has no Host.</summary>
    HttpHostMissing = 125,

    /// <summary>A request has two Hosts.</summary>
    HttpHostRepeated = 126,

    /// <summary>A host or port is malformed.</summary>
    HttpHost = 127,

    /// <summary>The authority in the target and the Host field differ.</summary>
    HttpHostMismatch = 128,

    /// <summary>An authority holds userinfo.</summary>
    HttpUserinfo = 129,

    /// <summary>A target in absolute form has another scheme than http or https.</summary>
    HttpScheme = 130,

    /// <summary>Content-Length is not a plain decimal number.</summary>
    HttpContentLength = 131,

    /// <summary>A message has two Content-Lengths, equal or not.</summary>
    HttpContentLengthRepeated = 132,

    /// <summary>A body is longer than the limit, or than 63 bits can say.</summary>
    HttpBodyTooLarge = 133,

    /// <summary>Transfer-Encoding is anything else than chunked.</summary>
    HttpTransferEncoding = 134,

    /// <summary>A message has two Transfer-Encodings.</summary>
    HttpTransferEncodingRepeated = 135,

    /// <summary>An HTTP/1.0 message has a Transfer-Encoding.</summary>
    HttpTransferEncodingVersion = 136,

    /// <summary>A message has both Transfer-Encoding and Content-Length.</summary>
    HttpFramingConflict = 137,

    /// <summary>A connection option is no token, or names a field that must reach the origin.</summary>
    HttpConnectionOption = 138,

    /// <summary>TE names the chunked coding.</summary>
    HttpTe = 139,

    /// <summary>Expect is repeated or anything else than 100-continue.</summary>
    HttpExpectation = 140,

    /// <summary>Upgrade is empty, repeated or malformed.</summary>
    HttpUpgrade = 141,

    /// <summary>A response that cannot have a body announces one.</summary>
    HttpBodyForbidden = 142,

    /// <summary>A chunk size is empty or not hexadecimal.</summary>
    HttpChunkSize = 143,

    /// <summary>A chunk size is larger than the limit or has more than eight digits.</summary>
    HttpChunkSizeOverflow = 144,

    /// <summary>A chunk extension is malformed.</summary>
    HttpChunkExtension = 145,

    /// <summary>The chunk extensions of a body are longer than the limit.</summary>
    HttpChunkExtensionTooLong = 146,

    /// <summary>No CRLF stands behind the bytes of a chunk.</summary>
    HttpChunkEnd = 147,

    /// <summary>A trailer section is longer than the limit.</summary>
    HttpTrailerTooLarge = 148,

    /// <summary>A trailer section holds a field that belongs into the head.</summary>
    HttpTrailerField = 149,

    /// <summary>An HTTP/2 request carries a field that speaks of a connection, which HTTP/2 does not have.</summary>
    Http2ConnectionField = 150,

    /// <summary>An extended CONNECT asks for a protocol other than WebSocket.</summary>
    Http2TunnelProtocol = 151,

    /// <summary>A frame or a field section breaks a rule of HTTP/2, or a client resets more streams than it may.</summary>
    Http2Error = 152,

    /// <summary>A Kafka length, count or null marker is out of range or larger than the frame.</summary>
    KafkaLength = 200,

    /// <summary>A Kafka api version whose layout is not known.</summary>
    KafkaVersion = 201,

    /// <summary>A variable-length integer is longer than 32 bits or not terminated.</summary>
    KafkaVarint = 202,

    /// <summary>Tagged fields are not in ascending order.</summary>
    KafkaTags = 203,

    /// <summary>A frame length is negative or smaller than the shortest header.</summary>
    KafkaFrameLength = 204,

    /// <summary>A topic is given by name and by id at once.</summary>
    KafkaTopicReference = 205,

    /// <summary>A label of a name is longer than 63 bytes.</summary>
    DnsLabel = 300,

    /// <summary>A name is longer than 255 bytes on the wire.</summary>
    DnsName = 301,

    /// <summary>A label starts with bits that are neither a length nor a pointer.</summary>
    DnsLabelType = 302,

    /// <summary>A compression pointer does not lead strictly backwards, is one too many, or stands where names are never compressed.</summary>
    DnsPointer = 303,

    /// <summary>The message is a response where a query is expected, or the other way round.</summary>
    DnsDirection = 304,

    /// <summary>The opcode is not QUERY.</summary>
    DnsOpcode = 305,

    /// <summary>A query has no question or more than one.</summary>
    DnsQuestionCount = 306,

    /// <summary>A query has records besides EDNS and signatures.</summary>
    DnsQueryRecord = 307,

    /// <summary>The data of a record has another length than its type.</summary>
    DnsData = 308,

    /// <summary>An OPT record is repeated, misplaced, not owned by the root, or malformed.</summary>
    DnsEdns = 309,

    /// <summary>The parameters of a service binding are not in ascending order or malformed.</summary>
    DnsServiceParameter = 310,

    /// <summary>A frame length is smaller than a header.</summary>
    DnsFrameLength = 311,

    /// <summary>A record is no handshake record where only those of a ClientHello may be.</summary>
    TlsRecordType = 400,

    /// <summary>The first record is in the form of SSL 2.</summary>
    TlsSsl2Record = 401,

    /// <summary>The version of a record is not 3.x.</summary>
    TlsRecordVersion = 402,

    /// <summary>A record is empty or longer than 16,384 bytes.</summary>
    TlsRecordLength = 403,

    /// <summary>The first handshake message is no ClientHello.</summary>
    TlsMessageType = 404,

    /// <summary>A length inside a ClientHello is out of range or does not fit what is around it.</summary>
    TlsLength = 405,

    /// <summary>The version of a ClientHello is not 3.x.</summary>
    TlsVersion = 406,

    /// <summary>A ClientHello has more extensions than the limit.</summary>
    TlsExtensionCount = 407,

    /// <summary>A ClientHello has an extension twice.</summary>
    TlsExtensionRepeated = 408,

    /// <summary>Another extension follows that of pre-shared keys.</summary>
    TlsPreSharedKeyPlace = 409,

    /// <summary>A server name extension does not hold exactly one host name.</summary>
    TlsServerNameList = 410,

    /// <summary>A server name is no DNS name in ASCII without a final dot.</summary>
    TlsServerName = 411,

    /// <summary>A server name is, or may be read as, an address.</summary>
    TlsServerNameAddress = 412,

    /// <summary>A list of application protocols is malformed.</summary>
    TlsProtocolNames = 413,

    /// <summary>A list of supported versions is malformed.</summary>
    TlsSupportedVersions = 414,
}
