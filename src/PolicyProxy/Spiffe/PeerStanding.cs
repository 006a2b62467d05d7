using System.Collections.Frozen;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Spiffe;

/// <summary>Who a peer is by its certificate, at one moment. Immutable.</summary>
internal sealed record PeerStanding
{
    /// <summary>The verified id; null if there is none.</summary>
    public SpiffeId? Id { get; init; }

    /// <summary>Whom the id stands for; null if nobody, which <see cref="Refusal"/> explains.</summary>
    public Identity? Identity { get; init; }

    /// <summary>Why the certificate proves nothing, in words without anything the peer wrote; empty if it does.</summary>
    public required string Refusal { get; init; }

    /// <summary>When the first certificate of the chain ends.</summary>
    public DateTimeOffset Expires { get; init; }

    /// <summary>What it was verified with.</summary>
    public required FrozenDictionary<string, TrustBundle> Bundles { get; init; }

    /// <summary>What it was looked up in.</summary>
    public required IdentitySnapshot Identities { get; init; }
}
