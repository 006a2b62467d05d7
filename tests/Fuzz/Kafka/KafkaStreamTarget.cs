using System.Text;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Fuzz.Kafka;

/// <summary><see cref="KafkaStreamReader"/>, in pieces, against <see cref="KafkaRequest"/> over the whole frame.</summary>
internal sealed class KafkaStreamTarget : FuzzTarget
{
    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    /// <inheritdoc/>
    public override string Name => "kafka-stream";

    /// <inheritdoc/>
    public override string Dictionary => "kafka.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. RecordedMessages.KafkaRequests.Select(frame => frame[4..])];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var isRead = KafkaRequest.TryParse(input, s_everything, out var whole, out var error);
        var expected = Describe(whole);
        Check(input, Segmentation.Whole(input.Length), isRead, expected);
        Check(input, Segmentation.Random(input.Length, Segmentation.SeedOf(input)), isRead, expected);
        Check(input, Segmentation.Single(input.Length), isRead, expected);
        return isRead ? FuzzOutcome.Accepted : FuzzOutcome.Refused;
    }

    private static void Check(byte[] input, int[] ends, bool isRead, string expected)
    {
        var reader = new KafkaStreamReader(s_everything);
        reader.Begin(input.Length);
        string? early = null;
        var start = 0;
        foreach (var end in ends)
        {
            while (start < end && reader.Error.Code == ProtocolErrorCode.None)
            {
                start += reader.Read(input.AsSpan(start, end - start));
            }

            if (reader.TryGetRequest(out var request))
            {
                var now = Describe(request);
                Law.Same(early ?? now, now, "names that are all there do not change");
                early = now;
            }
        }

        Law.Same(isRead, reader.IsComplete, "pieces are accepted as the whole is");
        Law.Holds(reader.IsComplete == (reader.Error.Code == ProtocolErrorCode.None) || input.Length == 0, "what is not complete at its end has an error");
        Law.Holds(!isRead || early == expected, "pieces give what the whole gives");
    }

    private static string Describe(in KafkaRequest request)
    {
        var text = new StringBuilder($"{request.ApiKey} {request.ApiVersion} {request.CorrelationId} {request.TopicScope} {request.NameCount} {request.ReplicaId}");
        foreach (var name in request.Names)
        {
            text.Append(' ').Append(name.Kind).Append(':').Append(Convert.ToHexString(name.Bytes)).Append(Convert.ToHexString(name.IdBytes));
        }

        return text.ToString();
    }
}
