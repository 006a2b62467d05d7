namespace PolicyProxy.Protocols.Kafka;

/// <summary>Tagged fields (KIP-482). No known request tag names a topic, group or transaction, so all but one are stepped over.</summary>
internal static class KafkaTags
{
    /// <summary>Steps over a tag buffer. Tags must ascend, as brokers demand.</summary>
    public static bool TrySkip(ref SpanReader reader, out ProtocolErrorCode error) => TrySkip(ref reader, -1, out _, out error);

    /// <summary>Steps over a tag buffer and picks the value of one tag, empty if it is absent.</summary>
    public static bool TrySkip(ref SpanReader reader, int wanted, out ReadOnlySpan<byte> value, out ProtocolErrorCode error)
    {
        error = ProtocolErrorCode.None;
        value = default;
        if (!TryReadVarint(ref reader, ref error, out var count))
        {
            return false;
        }

        // every field takes at least two bytes, so the loop is bounded by the frame
        long lastTag = -1;
        for (uint i = 0; i < count; i++)
        {
            if (!TryReadVarint(ref reader, ref error, out var tag) || !TryReadVarint(ref reader, ref error, out var size))
            {
                return false;
            }

            if (tag <= lastTag)
            {
                error = ProtocolErrorCode.KafkaTags;
                return false;
            }

            if (size > int.MaxValue || !reader.TryRead((int)size, out var bytes))
            {
                error = ProtocolErrorCode.KafkaLength;
                return false;
            }

            value = tag == wanted ? bytes : value;
            lastTag = tag;
        }

        return true;
    }

    private static bool TryReadVarint(ref SpanReader reader, ref ProtocolErrorCode error, out uint value)
    {
        var read = reader.TryReadVarUInt32(out value);
        error = read ? error : reader.Remaining == 0 ? ProtocolErrorCode.Truncated : ProtocolErrorCode.KafkaVarint;
        return read;
    }
}
