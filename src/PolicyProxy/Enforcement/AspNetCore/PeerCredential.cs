using PolicyProxy.Policy.Identities;
using PolicyProxy.Spiffe;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>The identity of a client by its certificate, as it is now: bundles rotate and certificates end while connections live. Thread-safe.</summary>
internal sealed class PeerCredential(PeerVerifier verifier, PeerCertificate certificate) : IPeerIdentityFeature
{
    private volatile PeerStanding? _standing;

    /// <inheritdoc/>
    public Identity? Peer => Standing.Identity;

    /// <inheritdoc/>
    public bool IsAuthenticated => Standing.Identity is not null;

    /// <inheritdoc/>
    public string? Refusal => Standing is { Identity: null, Refusal: var refusal } ? refusal : null;

    private PeerStanding Standing => _standing = _standing is { } known ? verifier.Refresh(known, certificate) : verifier.Judge(certificate);
}
