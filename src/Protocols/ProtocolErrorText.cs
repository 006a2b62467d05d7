namespace PolicyProxy.Protocols;

/// <summary>What each <see cref="ProtocolErrorCode"/> says to a reader, and where the rule is written down.</summary>
internal static class ProtocolErrorText
{
    /// <summary>One clause in English, lower case, without a full stop; empty for a number that is no member.</summary>
    public static string Describe(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.None => "no error",
        ProtocolErrorCode.Truncated => "the message ends inside a field",
        ProtocolErrorCode.TooLarge => "a length exceeds the configured limit",
        ProtocolErrorCode.TrailingBytes => "bytes follow the end of the message",
        ProtocolErrorCode.HttpTargetForm => "the request-target has no form that its method allows",
        ProtocolErrorCode.HttpTargetControl => "the request-target holds a control byte or a space",
        ProtocolErrorCode.HttpTargetNonAscii => "the request-target holds a non-ASCII character",
        ProtocolErrorCode.HttpTargetFragment => "the request-target holds a fragment",
        ProtocolErrorCode.HttpTargetEscape => "a percent sign in the path is not followed by two hex digits",
        ProtocolErrorCode.HttpTargetNul => "the path holds an escaped NUL",
        ProtocolErrorCode.HttpTargetDoubleEscape => "the path hides a dot, separator or NUL behind two escapes",
        ProtocolErrorCode.HttpTargetOverlong => "the path holds an over-long UTF-8 sequence",
        ProtocolErrorCode.HttpTargetAmbiguous => "the path combines dot segments with separators that origins read differently",
        ProtocolErrorCode.KafkaLength => "a length, count or null marker does not fit the frame",
        ProtocolErrorCode.KafkaVersion => "the layout of this api version is not known",
        ProtocolErrorCode.KafkaVarint => "a variable-length integer is malformed",
        ProtocolErrorCode.KafkaTags => "tagged fields are not in ascending order",
        ProtocolErrorCode.KafkaFrameLength => "the frame length is smaller than a request header",
        ProtocolErrorCode.KafkaTopicReference => "a topic is given by name and by id at once",
        >= ProtocolErrorCode.TlsRecordType => TlsErrorText.Describe(code),
        >= ProtocolErrorCode.DnsLabel => DnsErrorText.Describe(code),
        _ => Http1ErrorText.Describe(code),
    };

    /// <summary>The RFC section, KIP or protocol guide behind the rule; empty for a number that is no member.</summary>
    public static string Source(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.None => "none",
        ProtocolErrorCode.Truncated or ProtocolErrorCode.TrailingBytes => "framing",
        ProtocolErrorCode.TooLarge => "limits",
        ProtocolErrorCode.HttpTargetForm => "RFC 9112 §3.2",
        ProtocolErrorCode.HttpTargetControl => "RFC 9112 §3",
        ProtocolErrorCode.HttpTargetNonAscii => "RFC 3986 §2",
        ProtocolErrorCode.HttpTargetFragment => "RFC 9110 §7.1",
        ProtocolErrorCode.HttpTargetEscape => "RFC 3986 §2.1",
        ProtocolErrorCode.HttpTargetNul => "RFC 3986 §7.3",
        ProtocolErrorCode.HttpTargetDoubleEscape => "RFC 3986 §2.4",
        ProtocolErrorCode.HttpTargetOverlong => "RFC 3629 §3",
        ProtocolErrorCode.HttpTargetAmbiguous => "RFC 3986 §5.2.4",
        ProtocolErrorCode.KafkaLength or ProtocolErrorCode.KafkaFrameLength => "Kafka protocol guide, protocol primitive types",
        ProtocolErrorCode.KafkaVersion => "KIP-511",
        ProtocolErrorCode.KafkaTopicReference => "KIP-516",
        ProtocolErrorCode.KafkaVarint or ProtocolErrorCode.KafkaTags => "KIP-482",
        >= ProtocolErrorCode.TlsRecordType => TlsErrorText.Source(code),
        >= ProtocolErrorCode.DnsLabel => DnsErrorText.Source(code),
        _ => Http1ErrorText.Source(code),
    };
}
