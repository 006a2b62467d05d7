using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Fuzz.Kafka;

/// <summary>Whatever is read as a request is refused, wholly and in part; the names that are denied are chosen by the input.</summary>
internal sealed class KafkaDenialTarget : FuzzTarget
{
    private const int LengthBytes = 4;

    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    /// <inheritdoc/>
    public override string Name => "kafka-denial";

    /// <inheritdoc/>
    public override string Dictionary => "kafka.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. RecordedMessages.KafkaRequests.Select(frame => frame[LengthBytes..])];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        if (!KafkaRequest.TryParse(input, s_everything, out var request, out _))
        {
            return FuzzOutcome.Refused;
        }

        var errors = new short[request.NameCount];
        var seed = Segmentation.SeedOf(input);
        for (var i = 0; i < errors.Length; i++)
        {
            errors[i] = ((seed >> (i % 32)) & 1) == 0 ? (short)0 : KafkaError.TopicAuthorizationFailed;
        }

        var answer = new ArrayBufferWriter<byte>();
        if (KafkaErrorResponse.TryWrite(request, errors, KafkaError.ClusterAuthorizationFailed, answer))
        {
            Law.Holds(IsReadable(request, answer.WrittenSpan), "an answer is a response");
        }

        Split(request, errors);
        return FuzzOutcome.Accepted;
    }

    private static void Split(in KafkaRequest request, short[] errors)
    {
        var rest = new ArrayBufferWriter<byte>();
        if (!KafkaPartialDenial.TryWriteRest(request, errors, rest))
        {
            return;
        }

        Law.Holds(KafkaRequest.TryParse(rest.WrittenSpan[LengthBytes..], s_everything, out var forwarded, out _), "the rest of a request is a request");
        Law.Same((request.ApiKey, request.ApiVersion, request.CorrelationId), (forwarded.ApiKey, forwarded.ApiVersion, forwarded.CorrelationId), "of the same header");
        Law.Holds(forwarded.NameCount <= errors.Count(error => error == 0), "what is denied is not in the rest");
        if (errors.All(error => error == 0))
        {
            Law.Same(request.NameCount, forwarded.NameCount, "what is allowed is in the rest");
        }

        var denied = new ArrayBufferWriter<byte>();
        var broker = new ArrayBufferWriter<byte>();
        if (KafkaPartialDenial.TryWriteErrors(request, errors, denied) && KafkaErrorResponse.TryWrite(forwarded, [], KafkaError.UnknownTopicId, broker))
        {
            var merged = new ArrayBufferWriter<byte>();
            Law.Holds(
                KafkaResponse.WriteMerged(request.ApiKey, request.ApiVersion, broker.WrittenSpan[LengthBytes..], denied.WrittenSpan, merged)
                && IsReadable(request, merged.WrittenSpan),
                "both answers make one");
        }
    }

    private static bool IsReadable(in KafkaRequest request, ReadOnlySpan<byte> frame)
    {
        var output = new ArrayBufferWriter<byte>();
        return KafkaResponse.WriteFiltered(request.ApiKey, request.ApiVersion, frame[LengthBytes..], default(Nothing), KafkaRefused.Omitted, output)
            && output.WrittenSpan.SequenceEqual(frame);
    }

    private readonly struct Nothing : IKafkaRefusal
    {
        public bool Refuses(in KafkaName name) => false;
    }
}
