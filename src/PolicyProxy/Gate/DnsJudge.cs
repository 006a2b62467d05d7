using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Gate;

/// <summary>Judges DNS queries (semantics 6.2).</summary>
internal abstract class DnsJudge : IProtocolJudge<DnsQuery>
{
    public static Verdict Judge(ConnectionPolicy policy, in ConnectionPermit permit, in DnsQuery query) =>
        policy.Kind == L7Kind.Dns ? policy.CheckDns(query.Name, query.Type) : new Verdict(false, VerdictReason.ProtocolError);

    // The name asked for is not the name of who is asked.
    public static ReadOnlySpan<char> NameIn(in DnsQuery query) => [];
}
