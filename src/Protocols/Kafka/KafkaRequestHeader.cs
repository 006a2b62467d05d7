namespace PolicyProxy.Protocols.Kafka;

/// <summary>Request header v0 (without client id), v1, and v2 up to its tagged fields; the client id is never compact.</summary>
internal ref struct KafkaRequestHeader
{
    public short ApiKey;
    public short ApiVersion;
    public int CorrelationId;
    public ReadOnlySpan<byte> ClientId;
    public bool HasClientId;

    /// <summary>Reads one.</summary>
    public static bool TryRead(scoped ref SpanReader reader, KafkaLimits limits, out KafkaRequestHeader header, out ProtocolErrorCode error)
    {
        header = default;
        error = ProtocolErrorCode.Truncated;
        if (!reader.TryReadInt16(out header.ApiKey)
            || !reader.TryReadInt16(out header.ApiVersion)
            || !reader.TryReadInt32(out header.CorrelationId))
        {
            return false;
        }

        if (header.ApiKey < 0 || header.ApiVersion < 0)
        {
            error = ProtocolErrorCode.KafkaVersion;
            return false;
        }

        if (header is { ApiKey: KafkaApi.ControlledShutdown, ApiVersion: 0 })
        {
            error = ProtocolErrorCode.None;
            return true;
        }

        if (!reader.TryReadInt16(out var length))
        {
            return false;
        }

        header.HasClientId = length >= 0;
        error = length < -1 ? ProtocolErrorCode.KafkaLength
            : length > limits.MaxClientIdBytes ? ProtocolErrorCode.TooLarge
            : reader.TryRead(Math.Max(length, (short)0), out header.ClientId) ? ProtocolErrorCode.None
            : ProtocolErrorCode.KafkaLength;
        return error == ProtocolErrorCode.None;
    }
}
