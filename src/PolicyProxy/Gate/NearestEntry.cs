using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Gate;

/// <summary>For a connection no entry covers: the entry that came nearest and the part that missed. Slow path, only for reports.</summary>
internal static class NearestEntry
{
    public static NearestRule? Find(in ConnectionPermit permit)
    {
        NearestRule? best = null;
        var bestScore = 0;
        foreach (var entry in permit.Policy?.Direction.Entries ?? [])
        {
            // What default deny itself adds is no rule of the user's to be near to.
            var (score, missed) = Compare(entry, permit);
            if (!entry.DefaultTier && !entry.Policy.Deny && score > bestScore)
            {
                bestScore = score;
                best = new NearestRule(entry.Policy.Origins[0], missed);
            }
        }

        return best;
    }

    /// <summary>How near the entry is (higher is nearer) and what missed; an empty text when it covers the connection.</summary>
    public static (int Score, string Missed) Compare(PolicyMapEntry entry, in ConnectionPermit permit)
    {
        var tuple = permit.Tuple;
        var peer = permit.Peer!;
        if (!entry.Selector.Selects(peer))
        {
            return (1, entry.Selector is LabelSelector labels && labels.FirstMissed(peer) is { } requirement
                ? $"peer lacks {requirement}"
                : $"peer is not in {entry.Selector}");
        }

        var owner = tuple.Direction == TrafficDirection.Ingress ? tuple.Subject : peer;
        return entry.Port.Covers(tuple.Protocol, tuple.Port, owner)
            ? (3, string.Empty)
            : (2, $"port {tuple.Port}/{tuple.Protocol.ToString().ToUpperInvariant()} is not {entry.Port}");
    }

    /// <summary>On what a covering entry matched, as Hubble reports it.</summary>
    public static PolicyMatch MatchOf(PolicyMapEntry entry) => (entry.Selector.IsWildcard, entry.Port) switch
    {
        (true, { Protocol: TransportProtocol.Any }) => PolicyMatch.All,
        (true, { Port: 0, Name: null }) => PolicyMatch.ProtocolOnly,
        (true, _) => PolicyMatch.L4Only,
        (false, { Protocol: TransportProtocol.Any }) => PolicyMatch.L3Only,
        (false, { Port: 0, Name: null }) => PolicyMatch.L3Protocol,
        _ => PolicyMatch.L3L4,
    };
}
