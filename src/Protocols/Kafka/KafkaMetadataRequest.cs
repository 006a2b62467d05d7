using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>Asks a broker for the names of topic ids. Static and thread-safe.</summary>
public static class KafkaMetadataRequest
{
    /// <summary>The version that is written, the first that takes ids.</summary>
    public const short Version = 12;

    private const short FirstFlexible = 9;

    /// <summary>
    /// librdkafka asks for all topics with four bytes where one is due (its issue 5049). Brokers read three of them as the flags behind and ignore what is left at the end. Gives such a
    /// request as they read it, which is what may go on; null for any other.
    /// </summary>
    /// <param name="frame">The request, without its 4-byte length.</param>
    public static byte[]? Repaired(ReadOnlySpan<byte> frame)
    {
        const int surplus = 3;
        var reader = new SpanReader(frame);
        if (!reader.TryReadInt16(out var key) || key != KafkaApi.Metadata
            || !reader.TryReadInt16(out var version) || version < FirstFlexible || version > KafkaLayoutTable.MaxVersion(key)
            || !reader.TrySkip(sizeof(int))
            || !reader.TryReadInt16(out var clientId) || !reader.TrySkip(Math.Max(clientId, (short)0))
            || !reader.TryReadByte(out var tags) || tags != 0)
        {
            return null;
        }

        // No topics; creation, operations of the cluster in versions 9 and 10, operations of the topics; tags.
        var body = frame[reader.Position..];
        var exact = version <= 10 ? 5 : 4;
        if (body.Length != exact + surplus || body[..4].ContainsAnyExcept((byte)0) || body[^1] != 0 || body[4..].ContainsAnyExcept((byte)0, (byte)1))
        {
            return null;
        }

        var repaired = frame[..^surplus].ToArray();
        repaired[^1] = 0; // tags
        return repaired;
    }

    /// <summary>Writes a Metadata request that creates nothing.</summary>
    /// <param name="correlationId">What the response will repeat.</param>
    /// <param name="clientId">Whose quota it counts for; null if empty.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="output">Receives the request, with its length.</param>
    public static void Write(int correlationId, ReadOnlySpan<byte> clientId, ReadOnlySpan<Guid> ids, IBufferWriter<byte> output)
    {
        const int fixedBytes = 32;
        const int idBytes = 18;
        Span<byte> id = stackalloc byte[16];
        var header = new KafkaFrameWriter(output.GetSpan(fixedBytes + clientId.Length + (ids.Length * idBytes)), flexible: false);
        header.Number(sizeof(int), 0);
        header.Number(sizeof(short), KafkaApi.Metadata);
        header.Number(sizeof(short), Version);
        header.Number(sizeof(int), correlationId);
        header.String(clientId, nullIfEmpty: true);
        var writer = header.ToFlexible();
        writer.Byte(0);
        writer.Count(ids.Length);
        foreach (var topicId in ids)
        {
            topicId.TryWriteBytes(id, bigEndian: true, out _);
            writer.Bytes(id);
            writer.String([], nullIfEmpty: true);
            writer.Byte(0);
        }

        // no automatic creation, no authorized operations, no tags
        writer.Number(sizeof(short), 0);
        writer.Byte(0);
        writer.PatchLength();
        output.Advance((int)writer.Length);
    }
}
