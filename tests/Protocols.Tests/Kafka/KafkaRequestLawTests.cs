using PolicyProxy.Protocols.Kafka;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaRequestLawTests : MessageViewLaws
{
    private static readonly KafkaLimits WalkEverything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    protected override IReadOnlyList<byte[]> Messages { get; } = [.. KafkaFrames.KnownRequests.Select(frame => frame[4..])];

    protected override bool TryRead(ReadOnlySpan<byte> message, out ProtocolError error)
    {
        if (!KafkaRequest.TryParse(message, WalkEverything, out var request, out error))
        {
            return false;
        }

        var bytes = request.ClientId.Length;
        foreach (var topic in request.Topics)
        {
            bytes += topic.Name.Length + topic.Id.Length;
        }

        if (KafkaSubscription.TryRead(request, out var subscription))
        {
            foreach (var topic in subscription)
            {
                bytes += topic.Bytes.Length;
            }
        }

        return bytes >= 0;
    }
}
