namespace PolicyProxy.Protocols;

/// <summary>What each TLS member of <see cref="ProtocolErrorCode"/> says to a reader, and where the rule is written down.</summary>
internal static class TlsErrorText
{
    /// <summary>One clause in English, lower case, without a full stop; empty for any other code.</summary>
    public static string Describe(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.TlsRecordType => "the record is no handshake record",
        ProtocolErrorCode.TlsSsl2Record => "the record is in the form of SSL 2",
        ProtocolErrorCode.TlsRecordVersion => "the version of the record is not 3.x",
        ProtocolErrorCode.TlsRecordLength => "the record is empty or longer than 16384 bytes",
        ProtocolErrorCode.TlsMessageType => "the handshake message is no ClientHello",
        ProtocolErrorCode.TlsLength => "a length does not fit the ClientHello",
        ProtocolErrorCode.TlsVersion => "the version of the ClientHello is not 3.x",
        ProtocolErrorCode.TlsExtensionCount => "the ClientHello has more extensions than the limit",
        ProtocolErrorCode.TlsExtensionRepeated => "an extension is repeated",
        ProtocolErrorCode.TlsPreSharedKeyPlace => "an extension follows that of pre-shared keys",
        ProtocolErrorCode.TlsServerNameList => "the server name extension does not hold exactly one host name",
        ProtocolErrorCode.TlsServerName => "the server name is no DNS name",
        ProtocolErrorCode.TlsServerNameAddress => "the server name is an address",
        ProtocolErrorCode.TlsProtocolNames => "the list of application protocols is malformed",
        ProtocolErrorCode.TlsSupportedVersions => "the list of supported versions is malformed",
        _ => string.Empty,
    };

    /// <summary>The RFC section behind the rule; empty for any other code.</summary>
    public static string Source(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.TlsRecordType or ProtocolErrorCode.TlsRecordVersion or ProtocolErrorCode.TlsRecordLength => "RFC 8446 §5.1",
        ProtocolErrorCode.TlsSsl2Record => "RFC 6176 §3",
        ProtocolErrorCode.TlsMessageType => "RFC 8446 §4",
        ProtocolErrorCode.TlsLength or ProtocolErrorCode.TlsVersion => "RFC 8446 §4.1.2",
        ProtocolErrorCode.TlsExtensionCount => "limits",
        ProtocolErrorCode.TlsExtensionRepeated => "RFC 8446 §4.2",
        ProtocolErrorCode.TlsPreSharedKeyPlace => "RFC 8446 §4.2.11",
        ProtocolErrorCode.TlsServerNameList or ProtocolErrorCode.TlsServerName or ProtocolErrorCode.TlsServerNameAddress => "RFC 6066 §3",
        ProtocolErrorCode.TlsProtocolNames => "RFC 7301 §3.1",
        ProtocolErrorCode.TlsSupportedVersions => "RFC 8446 §4.2.1",
        _ => string.Empty,
    };
}
