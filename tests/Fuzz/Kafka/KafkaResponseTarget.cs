using System.Buffers;
using System.Buffers.Binary;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Fuzz.Kafka;

/// <summary>
/// A broker's responses, filtered, merged, rewritten and learned from. The input is the key and version of the request and then the
/// response without its length; which names are refused depends on their bytes.
/// </summary>
internal sealed class KafkaResponseTarget : FuzzTarget
{
    private const int LengthBytes = 4;

    /// <inheritdoc/>
    public override string Name => "kafka-response";

    /// <inheritdoc/>
    public override string Dictionary => "kafka.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => RecordedMessages.KafkaResponses;

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        if (!BinaryPrimitives.TryReadInt16BigEndian(input, out var apiKey) || !BinaryPrimitives.TryReadInt16BigEndian(input.AsSpan(2), out var version))
        {
            return FuzzOutcome.Refused;
        }

        var frame = input[LengthBytes..];
        foreach (var references in Enum.GetValues<KafkaTopicReferences>())
        {
            var offered = new ArrayBufferWriter<byte>();
            if (KafkaApiVersions.TryRewrite(version, frame, references, offered))
            {
                var again = new ArrayBufferWriter<byte>();
                Law.Holds(KafkaApiVersions.TryRewrite(version, offered.WrittenSpan[LengthBytes..], references, again), "what is offered is an answer");
                Law.Holds(offered.WrittenSpan.SequenceEqual(again.WrittenSpan), "what is offered is offered again");
            }
        }

        var isRead = Filter(apiKey, version, frame, new Refusal(0), KafkaRefused.Omitted, out var whole);
        Law.Holds(!isRead || frame.AsSpan(0, whole.Length).SequenceEqual(whole), "what refuses nothing changes nothing");
        foreach (var refused in Enum.GetValues<KafkaRefused>())
        {
            Law.Same(isRead, Filter(apiKey, version, frame, new Refusal(1), refused, out var once), "refusing names makes nothing malformed");
            Law.Holds(!isRead || once.Length <= frame.Length, "nothing grows");
            if (isRead && refused == KafkaRefused.Omitted)
            {
                Law.Holds(Filter(apiKey, version, once, new Refusal(1), refused, out var twice) && once.AsSpan().SequenceEqual(twice), "nothing is left to refuse");
            }
        }

        Learn(apiKey, version, frame, isRead);
        Merge(apiKey, version, frame, whole, isRead);
        return isRead ? FuzzOutcome.Accepted : FuzzOutcome.Refused;
    }

    private static bool Filter(short apiKey, short version, ReadOnlySpan<byte> frame, Refusal refusal, KafkaRefused refused, out byte[] filtered)
    {
        var output = new ArrayBufferWriter<byte>();
        var isWritten = KafkaResponse.WriteFiltered(apiKey, version, frame, refusal, refused, output);
        Law.Holds(isWritten || output.WrittenCount == 0, "what is not written is not begun");
        Law.Holds(!isWritten || BinaryPrimitives.ReadInt32BigEndian(output.WrittenSpan) == output.WrittenCount - LengthBytes, "a frame is as long as it says");
        filtered = isWritten ? output.WrittenSpan[LengthBytes..].ToArray() : [];
        return isWritten;
    }

    private static void Learn(short apiKey, short version, ReadOnlySpan<byte> frame, bool isRead)
    {
        if (KafkaMetadataReader.TryRead(apiKey, version, frame, out var reader))
        {
            Law.Holds(isRead, "what teaches can be read");
            foreach (var pair in reader)
            {
                Law.Holds(!pair.Bytes.IsEmpty && pair.Id != Guid.Empty && frame.IndexOf(pair.Bytes) >= 0, "a pair is a name and an id of the response");
            }
        }
    }

    // with itself in the place of the errors, which is a response too
    private static void Merge(short apiKey, short version, ReadOnlySpan<byte> frame, byte[] whole, bool isRead)
    {
        var merged = new ArrayBufferWriter<byte>();
        byte[] errors = [0, 0, 0, 0, .. whole];
        if (KafkaResponse.WriteMerged(apiKey, version, frame, errors, merged))
        {
            Law.Holds(isRead && Filter(apiKey, version, merged.WrittenSpan[LengthBytes..], new Refusal(0), KafkaRefused.Omitted, out _), "both answers make one");
        }

        for (var length = 0; isRead && length <= whole.Length; length += 1 + (length / 8))
        {
            var output = new ArrayBufferWriter<byte>();
            var status = KafkaResponseHead.Rewrite(apiKey, version, whole.Length, whole.AsSpan(0, length), errors, output, out var consumed);
            Law.Holds(consumed <= length && (status == OperationStatus.Done) == (output.WrittenCount > 0), "a head is written or not");
            if (status == OperationStatus.Done)
            {
                output.Write(whole.AsSpan(consumed));
                Law.Holds(Filter(apiKey, version, output.WrittenSpan[LengthBytes..], new Refusal(0), KafkaRefused.Omitted, out var read), "a head and what follows make a response");
                Law.Same(read.Length, output.WrittenCount - LengthBytes, "to its last byte");
            }
        }
    }

    private readonly struct Refusal(uint mask) : IKafkaRefusal
    {
        private readonly uint _mask = mask;

        public bool Refuses(in KafkaName name) => ((Segmentation.SeedOf(name.Bytes) ^ Segmentation.SeedOf(name.IdBytes)) & _mask) != 0;
    }
}
