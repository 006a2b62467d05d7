using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>Edits responses on their way to the client. Static and thread-safe.</summary>
public static class KafkaResponse
{
    /// <summary>Bytes of the correlation id, the first field of every response.</summary>
    internal const int CorrelationBytes = sizeof(int);

    /// <summary>
    /// Writes a broker's response with the answers to denied elements behind its own, inside the group they belong to where there are
    /// several. Both are of the same key and version.
    /// </summary>
    /// <param name="apiKey">Key of the request.</param>
    /// <param name="apiVersion">Its version.</param>
    /// <param name="frame">The broker's response, without its 4-byte length.</param>
    /// <param name="errors">From <see cref="KafkaPartialDenial.TryWriteErrors"/>.</param>
    /// <param name="output">Receives the response, with its length.</param>
    /// <returns>False, and nothing is written, if one of them is malformed or the layout is not known: close.</returns>
    public static bool WriteMerged(short apiKey, short apiVersion, ReadOnlySpan<byte> frame, ReadOnlySpan<byte> errors, IBufferWriter<byte> output)
    {
        if (errors.Length < KafkaFrameWriter.LengthBytes
            || !TryFindBody(apiKey, apiVersion, frame, out var layout, out var bodyStart)
            || !TryFindBody(apiKey, apiVersion, errors[KafkaFrameWriter.LengthBytes..], out _, out var errorsStart))
        {
            return false;
        }

        var writer = new KafkaFrameWriter(output.GetSpan(frame.Length + errors.Length + KafkaMerge.MoreBytes), layout.IsFlexible);
        writer.Number(sizeof(int), 0);
        writer.Bytes(frame[..bodyStart]);
        var merge = new KafkaMerge(layout, frame[bodyStart..], errors[(KafkaFrameWriter.LengthBytes + errorsStart)..]);
        return merge.TryWrite(ref writer) && Finish(ref writer, output);
    }

    /// <summary>Writes a response without what it may not show: elements whose names are refused, at any depth.</summary>
    /// <param name="apiKey">Key of the request.</param>
    /// <param name="apiVersion">Its version.</param>
    /// <param name="frame">The broker's response, without its 4-byte length.</param>
    /// <param name="refusal">Asked for every topic, group and transactional id in an array.</param>
    /// <param name="refused">What becomes of the refused.</param>
    /// <param name="output">Receives the response, with its length.</param>
    /// <returns>False, and nothing is written, if it is malformed or the layout is not known: close.</returns>
    public static bool WriteFiltered<TRefusal>(
        short apiKey, short apiVersion, ReadOnlySpan<byte> frame, TRefusal refusal, KafkaRefused refused, IBufferWriter<byte> output)
        where TRefusal : IKafkaRefusal, allows ref struct
    {
        if (!TryFindBody(apiKey, apiVersion, frame, out var layout, out var bodyStart))
        {
            return false;
        }

        // an element that is shown with its error is never longer than it was, but for the length of a name it did not have
        var writer = new KafkaFrameWriter(output.GetSpan(KafkaFrameWriter.LengthBytes + frame.Length), layout.IsFlexible);
        writer.Number(sizeof(int), 0);
        writer.Bytes(frame[..bodyStart]);
        var filter = new KafkaElementFilter<TRefusal>(layout, frame[bodyStart..], refusal, refused);
        return filter.TryWrite(ref writer) && Finish(ref writer, output);
    }

    /// <summary>Steps over a response header.</summary>
    internal static bool TryFindBody(short apiKey, short apiVersion, ReadOnlySpan<byte> frame, out KafkaLayout layout, out int bodyStart)
    {
        layout = KafkaResponseTable.Find(apiKey, apiVersion)!;
        var reader = new SpanReader(frame);
        var isRead = layout is not null
            && reader.TrySkip(CorrelationBytes)
            && (!KafkaResponseTable.HasTaggedHeader(apiKey, layout) || KafkaTags.TrySkip(ref reader, out _));
        bodyStart = reader.Position;
        return isRead;
    }

    private static bool Finish(scoped ref KafkaFrameWriter writer, IBufferWriter<byte> output)
    {
        if (!writer.PatchLength())
        {
            return false;
        }

        output.Advance((int)writer.Length);
        return true;
    }
}
