using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Spiffe;

/// <summary>
/// Turns the certificate of a peer into an identity: a SPIFFE id, signed by an authority of its own trust domain, that the inventory knows.
/// Nothing is asked of the network. Thread-safe.
/// </summary>
internal sealed class PeerVerifier(TrustBundles bundles, IdentityTable identities, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Who the peer is now.</summary>
    public PeerStanding Judge(PeerCertificate certificate)
    {
        var current = bundles.Current;
        var id = Svid.Read(certificate.Leaf, out var refusal);
        var expires = DateTimeOffset.MaxValue;
        if (id is not null)
        {
            refusal = !current.TryGetValue(id.TrustDomain, out var bundle) ? "its trust domain is not trusted here" : Verify(certificate, bundle, out expires);
        }

        var standing = new PeerStanding { Id = refusal.Length == 0 ? id : null, Refusal = refusal, Expires = expires, Bundles = current, Identities = identities.Current };
        return Identify(standing, certificate);
    }

    /// <summary>The standing as it is now: the same object unless bundles, inventory or time have changed it.</summary>
    public PeerStanding Refresh(PeerStanding standing, PeerCertificate certificate)
    {
        if (!ReferenceEquals(standing.Bundles, bundles.Current) || (standing.Id is not null && time.GetUtcNow() >= standing.Expires))
        {
            return Judge(certificate);
        }

        var current = identities.Current;
        return ReferenceEquals(standing.Identities, current) ? standing : Identify(standing with { Identities = current }, certificate);
    }

    private PeerStanding Identify(PeerStanding standing, PeerCertificate certificate)
    {
        if (standing.Id is not { } id)
        {
            return standing;
        }

        var identity = identities.Prove(standing.Identities, id, certificate.Address, out var reason);
        return standing with { Identity = identity, Refusal = identity is null ? $"nobody is known by its SPIFFE id: {reason}" : string.Empty };
    }

    private string Verify(PeerCertificate certificate, TrustBundle bundle, out DateTimeOffset expires)
    {
        expires = DateTimeOffset.MaxValue;
        using var chain = new X509Chain();
        chain.ChainPolicy = Policy(bundle.Roots);
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ExtraStore.AddRange(certificate.Intermediates);
        try
        {
            var isValid = chain.Build(certificate.Leaf);
            foreach (var element in chain.ChainElements)
            {
                var end = new DateTimeOffset(element.Certificate.NotAfter);
                expires = end < expires ? end : expires;
                element.Certificate.Dispose();
            }

            return isValid ? string.Empty : Words(chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status));
        }
        catch (CryptographicException)
        {
            return "its chain cannot be read";
        }
    }

    // No trust in what the machine trusts, no download of missing authorities, no revocation: SVIDs are short-lived instead.
    private static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
        };
        policy.CustomTrustStore.AddRange(roots);
        _ = policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    private static string Words(X509ChainStatusFlags status) =>
        status.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "it or its authority is not valid at this time"
        : (status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0 ? "no authority of its trust domain has signed it"
        : status.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "it is not for TLS clients"
        : $"its chain is not valid: {status}";
}
