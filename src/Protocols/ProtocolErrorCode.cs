namespace PolicyProxy.Protocols;

/// <summary>Why bytes were refused. One member per reason a flow can give; grouped by protocol in hundreds.</summary>
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

    /// <summary>A Kafka length or count is negative or larger than the frame.</summary>
    KafkaLength = 200,

    /// <summary>A Kafka api version whose layout is not known.</summary>
    KafkaVersion = 201,
}
