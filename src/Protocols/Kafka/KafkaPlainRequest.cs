using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>What a plain request names; what is empty is not named where the layout allows it.</summary>
public readonly ref struct KafkaPlainNames
{
    /// <summary>Client id; null if empty.</summary>
    public ReadOnlySpan<byte> ClientId { get; init; }

    /// <summary>One topic; empty asks for all where that can be asked.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>Id of the topic, 16 bytes, for versions that give no name (KIP-516); zero if empty.</summary>
    public ReadOnlySpan<byte> TopicId { get; init; }

    /// <summary>One group.</summary>
    public ReadOnlySpan<byte> Group { get; init; }

    /// <summary>One transactional id.</summary>
    public ReadOnlySpan<byte> TransactionalId { get; init; }
}

/// <summary>
/// Writes the plainest request of any key and version: it names what it is to name, as a client would, and everything else is empty. For questions about policies. Static and
/// thread-safe.
/// </summary>
public static class KafkaPlainRequest
{
    /// <summary>Writes one. Of keys and versions whose layout is not known, the header.</summary>
    /// <param name="apiKey">Not negative.</param>
    /// <param name="apiVersion">Not negative.</param>
    /// <param name="correlationId">What the response will repeat.</param>
    /// <param name="names">What it names.</param>
    /// <param name="output">Receives the request, with its 4-byte length.</param>
    public static void Write(short apiKey, short apiVersion, int correlationId, in KafkaPlainNames names, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var measured = Write([], apiKey, apiVersion, correlationId, names);
        var writer = Write(output.GetSpan((int)measured.Length), apiKey, apiVersion, correlationId, names);
        writer.PatchLength();
        output.Advance((int)writer.Length);
    }

    private static KafkaFrameWriter Write(Span<byte> target, short apiKey, short apiVersion, int correlationId, in KafkaPlainNames names)
    {
        var writer = new KafkaFrameWriter(target, flexible: false);
        writer.Number(sizeof(int), 0);
        writer.Number(sizeof(short), apiKey);
        writer.Number(sizeof(short), apiVersion);
        writer.Number(sizeof(int), correlationId);
        if ((apiKey, apiVersion) is not (KafkaApi.ControlledShutdown, 0))
        {
            writer.String(names.ClientId, nullIfEmpty: true);
        }

        if (KafkaLayoutTable.Find(apiKey, apiVersion) is { } layout)
        {
            if (layout.IsFlexible)
            {
                writer = writer.ToFlexible();
                writer.Byte(0);
            }

            new KafkaPlainBody(layout.Ops, names).Write(0, layout.Ops.Length, ref writer);
        }

        return writer;
    }
}
