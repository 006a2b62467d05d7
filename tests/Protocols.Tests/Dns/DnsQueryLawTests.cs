using PolicyProxy.Fuzz;
using PolicyProxy.Fuzz.Dns;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsQueryLawTests : MessageViewLaws
{
    protected override IReadOnlyList<byte[]> Messages => RecordedMessages.DnsQueries;

    protected override bool TryRead(ReadOnlySpan<byte> message, out ProtocolError error) => DnsReading.ReadQuery(message, out error);
}
