using PolicyProxy.Fuzz;
using PolicyProxy.Fuzz.Dns;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsAnswerLawTests : MessageViewLaws
{
    // the long ones are read as a whole only by View_valid_messages of DnsRecordingTests
    protected override IReadOnlyList<byte[]> Messages { get; } = [.. RecordedMessages.DnsResponses.Where(message => message.Length <= 600)];

    protected override bool TryRead(ReadOnlySpan<byte> message, out ProtocolError error) =>
        DnsReading.ReadAnswer(message, out error) && DnsReading.ReadMessage(message, out error);
}
