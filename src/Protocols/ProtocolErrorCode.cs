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

    /// <summary>A request-target is not in origin form: empty, or not starting with a slash.</summary>
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

    /// <summary>A label of a name is longer than 63 bytes.</summary>
    DnsLabel = 300,

    /// <summary>A name is longer than 255 bytes on the wire.</summary>
    DnsName = 301,
}
