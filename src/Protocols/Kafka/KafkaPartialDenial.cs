using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Splits a request of which policy allows a part, as brokers do: the rest goes on, the denied elements are answered with errors, and
/// <see cref="KafkaResponse.WriteMerged"/> makes one answer of both. Static and thread-safe.
/// </summary>
public static class KafkaPartialDenial
{
    /// <summary>True for requests whose elements stand for themselves. AddPartitionsToTxn is all or nothing, a heartbeat one question.</summary>
    /// <param name="request">A whole request, not an outline.</param>
    public static bool IsPossible(in KafkaRequest request) => request is { Layout: not null, IsWhole: true } && request.ApiKey switch
    {
        KafkaApi.Produce or KafkaApi.Fetch or KafkaApi.ListOffsets or KafkaApi.Metadata or KafkaApi.OffsetCommit or KafkaApi.OffsetFetch => true,
        KafkaApi.FindCoordinator => request.ApiVersion >= 4,
        KafkaApi.DescribeTopicPartitions or KafkaApi.ShareFetch or KafkaApi.ShareAcknowledge => true,

        // DescribeGroups, CreateTopics, DeleteTopics, DeleteRecords, OffsetForLeaderEpoch, TxnOffsetCommit, DescribeConfigs, AlterConfigs,
        // CreatePartitions, DeleteGroups, IncrementalAlterConfigs, OffsetDelete, DescribeProducers, DescribeTransactions
        15 or 19 or 20 or 21 or 23 or 28 or 32 or 33 or 37 or 42 or 44 or 47 or 61 or 65 => true,

        // ConsumerGroupDescribe, ShareGroupDescribe, StreamsGroupDescribe, and the three requests for offsets of share groups
        69 or 77 or >= 89 and <= 92 => true,
        _ => false,
    };

    /// <summary>Writes the request without its denied elements, with its length; header and correlation id stay.</summary>
    /// <param name="request">The request.</param>
    /// <param name="errors">By <see cref="KafkaName.Position"/>; not 0 for what is denied.</param>
    /// <param name="output">Receives the rest.</param>
    /// <param name="forbidsTopicCreation">True: Metadata v4 and up does not create absent topics.</param>
    /// <returns>
    /// False, and nothing is written, if this is no request to split, if a group or transaction that the whole request is about is denied,
    /// or if an empty rest of DescribeTopicPartitions would ask for all topics: answer that one with <see cref="KafkaErrorResponse"/>. An
    /// empty rest of Metadata v0 does ask for all topics; there is no other way to ask for the brokers, so its response has to be filtered.
    /// </returns>
    public static bool TryWriteRest(in KafkaRequest request, ReadOnlySpan<short> errors, IBufferWriter<byte> output, bool forbidsTopicCreation = false)
    {
        if (!IsPossible(request) || IsDeniedAsAWhole(request, errors))
        {
            return false;
        }

        var span = output.GetSpan(KafkaFrameWriter.LengthBytes + request.Frame.Length);
        var writer = new KafkaFrameWriter(span, request.Layout!.IsFlexible);
        writer.Number(sizeof(int), 0);
        writer.Bytes(request.Frame[..request.BodyStart]);
        var filter = new KafkaElementFilter<Denied>(request.Layout, request.Frame[request.BodyStart..], new Denied(errors), KafkaRefused.Omitted);
        if (!filter.TryWrite(ref writer) || (request.ApiKey == KafkaApi.DescribeTopicPartitions && request.NameCount > 0 && CountOf(request, errors) == request.NameCount))
        {
            return false;
        }

        writer.PatchLength();
        if (forbidsTopicCreation && request.AutoTopicCreationOffset >= 0)
        {
            // nothing is taken out behind the flag
            span[(int)writer.Length - (request.Frame.Length - request.AutoTopicCreationOffset)] = 0;
        }

        output.Advance((int)writer.Length);
        return true;
    }

    /// <summary>
    /// Writes the answers to the denied elements alone, as a whole response with its length, for <see cref="KafkaResponse.WriteMerged"/> and
    /// <see cref="KafkaResponseHead.Rewrite"/>.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="errors">As for <see cref="TryWriteRest"/>.</param>
    /// <param name="output">Receives them.</param>
    /// <returns>False, and nothing is written, if this is no request to split.</returns>
    public static bool TryWriteErrors(in KafkaRequest request, ReadOnlySpan<short> errors, IBufferWriter<byte> output) =>
        IsPossible(request) && KafkaErrorResponse.Write(request, errors, otherwise: 0, output);

    // a denied name outside all arrays
    private static bool IsDeniedAsAWhole(in KafkaRequest request, ReadOnlySpan<short> errors)
    {
        var walker = request.Walk(KafkaWalkMode.Names);
        while (walker.MoveNext())
        {
            if (walker.Depth == 0 && ErrorOf(walker.Current, errors) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static int CountOf(in KafkaRequest request, ReadOnlySpan<short> errors)
    {
        var count = 0;
        foreach (var name in request.Names)
        {
            count += ErrorOf(name, errors) != 0 ? 1 : 0;
        }

        return count;
    }

    private static short ErrorOf(in KafkaName name, ReadOnlySpan<short> errors) => name.Position < errors.Length ? errors[name.Position] : (short)0;

    private readonly ref struct Denied(ReadOnlySpan<short> errors) : IKafkaRefusal
    {
        private readonly ReadOnlySpan<short> _errors = errors;

        public bool Refuses(in KafkaName name) => ErrorOf(name, _errors) != 0;
    }
}
