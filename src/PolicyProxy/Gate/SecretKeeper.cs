using System.Net;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Gate;

/// <summary>
/// Keeps secrets that rules add to requests from peers of the workload's choice: whoever is merely reachable by a rule for all of the world, or for a
/// name that anybody's DNS answer may give to any address, has to prove its name by TLS. Where the rule speaks of the peer itself, by its address,
/// labels or entity, and on the way to the workload, there is nothing to choose. Static and thread-safe.
/// </summary>
internal static class SecretKeeper
{
    /// <summary>True if the peer may be sent the edits' values.</summary>
    /// <param name="policy">The policy that allows the request.</param>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="authority">What the request shows.</param>
    /// <param name="edits">What the policy changes.</param>
    public static bool MayReceive(ConnectionPolicy policy, in ConnectionPermit permit, ReadOnlySpan<char> authority, IReadOnlyList<HeaderEdit> edits)
    {
        var tuple = permit.Tuple;
        return tuple.Direction == TrafficDirection.Ingress
            || tuple.PeerNameIsVerified
            || policy.Direction.IsCiliumCompatible
            || !edits.Any(static edit => edit.IsSecret)
            || (tuple.OriginatesTls && PolicyGate.OriginatingOf(permit, authority) is not null)
            || IsSpokenOf(policy, permit);
    }

    // Every entry that could have added a secret speaks of the peer: which one did cannot be told from the edits.
    private static bool IsSpokenOf(ConnectionPolicy policy, in ConnectionPermit permit)
    {
        var address = permit.Tuple.PeerAddress?.Address ?? IPAddress.None;
        var network = IpPrefix.Host(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        foreach (var entry in policy.Covering)
        {
            var hasSecret = entry.Policy.Http.Any(static rule => rule.Actions.Any(static action => action.IsSecret));
            if (hasSecret && (permit.Peer is null || !entry.Selector.SpeaksOf(permit.Peer, network)))
            {
                return false;
            }
        }

        return true;
    }
}
