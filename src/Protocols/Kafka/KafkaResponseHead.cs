using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Puts answers to denied elements in front of a broker's own without waiting for these: for Produce, Fetch and ShareFetch responses that
/// pass through while they arrive. Static and thread-safe.
/// </summary>
public static class KafkaResponseHead
{
    /// <summary>
    /// Writes the beginning of the response, from its length to the denied elements. What follows <paramref name="consumed"/> goes behind it
    /// as it is.
    /// </summary>
    /// <param name="apiKey">Key of the request.</param>
    /// <param name="apiVersion">Its version.</param>
    /// <param name="frameBytes">Length of the broker's response as sent, without the 4 bytes of the length.</param>
    /// <param name="head">What has come of it, without its length.</param>
    /// <param name="errors">From <see cref="KafkaPartialDenial.TryWriteErrors"/>.</param>
    /// <param name="output">Receives the beginning.</param>
    /// <param name="consumed">How much of <paramref name="head"/> it stands for.</param>
    /// <returns>
    /// Done; NeedMoreData, and nothing is written, while the count of its elements has not come; InvalidData, and nothing is written, if it
    /// is malformed, or of groups that would have to be merged.
    /// </returns>
    public static OperationStatus Rewrite(
        short apiKey, short apiVersion, int frameBytes, ReadOnlySpan<byte> head, ReadOnlySpan<byte> errors, IBufferWriter<byte> output, out int consumed)
    {
        consumed = 0;
        if (frameBytes < head.Length || errors.Length < KafkaFrameWriter.LengthBytes)
        {
            return OperationStatus.InvalidData;
        }

        errors = errors[KafkaFrameWriter.LengthBytes..];
        var ahead = frameBytes - head.Length;
        if (!KafkaResponse.TryFindBody(apiKey, apiVersion, head, out var layout, out var bodyStart))
        {
            return layout is not null && ahead > 0 && head.Length < MaxHeaderBytes ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        }

        if (!KafkaResponse.TryFindBody(apiKey, apiVersion, errors, out _, out var errorsStart) || !TryFindElements(layout, errors[errorsStart..], 0, out var denied, out _))
        {
            return OperationStatus.InvalidData;
        }

        if (!TryFindElements(layout, head[bodyStart..], ahead, out var broker, out var code))
        {
            return code == ProtocolErrorCode.Truncated && ahead > 0 ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        }

        var entries = errors[(errorsStart + denied.Start)..(errorsStart + denied.End)];
        var writer = new KafkaFrameWriter(output.GetSpan(bodyStart + broker.CountStart + entries.Length + MaxCountBytes + KafkaFrameWriter.LengthBytes), layout.IsFlexible);
        writer.Number(sizeof(int), 0);
        writer.Bytes(head[..(bodyStart + broker.CountStart)]);
        writer.Count(broker.Count + denied.Count);
        writer.Bytes(entries);
        consumed = bodyStart + broker.Start;
        if (!writer.PatchLength(frameBytes - consumed))
        {
            consumed = 0;
            return OperationStatus.InvalidData;
        }

        output.Advance((int)writer.Length);
        return OperationStatus.Done;
    }

    private const int MaxCountBytes = 5;

    // no broker sends tagged fields in a response header
    private const int MaxHeaderBytes = 1_024;

    private static bool TryFindElements(KafkaLayout layout, ReadOnlySpan<byte> body, int ahead, out Elements elements, out ProtocolErrorCode error)
    {
        elements = default;
        var walker = new KafkaBodyWalker(layout, body, KafkaWalkMode.Structure, new KafkaWalkState(), ahead);
        KafkaStop stop;
        while ((stop = walker.Next()) is not (KafkaStop.ArrayBegin or KafkaStop.End))
        {
            // names in front of the array
        }

        error = walker.Error.Code;
        if (stop == KafkaStop.End || !walker.ArrayHoldsNames || layout.HasNamesInside(walker.ArrayOp))
        {
            return false;
        }

        elements = new(walker.CountStart, walker.Count, walker.Position, walker.Position);
        for (var left = ahead > 0 ? 0 : walker.Count; left > 0;)
        {
            stop = walker.Next();
            left -= stop == KafkaStop.End ? left : stop == KafkaStop.ElementEnd && walker.EndedDepth == 1 ? 1 : 0;
            elements = elements with { End = walker.Position };
        }

        return true;
    }

    private readonly record struct Elements(int CountStart, int Count, int Start, int End);
}
