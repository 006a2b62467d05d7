using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>A query over TCP that waits for its answer. Immutable.</summary>
/// <param name="ClientId">Id of the client's query.</param>
/// <param name="Question">The question as sent.</param>
/// <param name="Shape">For a reply of our own.</param>
/// <param name="TimeStamp">When it was judged; for the latency in flows.</param>
internal sealed record StreamQuery(ushort ClientId, byte[] Question, DnsQueryShape Shape, long TimeStamp)
{
    public static StreamQuery Of(scoped in DnsQuery query, long timeStamp) =>
        new(query.Id, query.QuestionBytes.ToArray(), DnsQueryShape.Of(query.Message), timeStamp);
}
