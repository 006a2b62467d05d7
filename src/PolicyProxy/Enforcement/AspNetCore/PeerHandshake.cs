using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using PolicyProxy.Spiffe;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>Judges a connection inside its TLS handshake, when the client has shown its certificate or that it has none. One connection.</summary>
internal sealed class PeerHandshake(HttpDoor door, ConnectionContext connection, string serverName)
{
    /// <summary>Makes a handshake ask for a certificate and end if the client is refused.</summary>
    public void Configure(SslServerAuthenticationOptions tls)
    {
        // A resumed session would bring no certificates of authorities along, and what the machine trusts or could download is nothing to go by.
        tls.ClientCertificateRequired = true;
        tls.AllowTlsResume = false;
        tls.AllowRenegotiation = false;
        tls.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        tls.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        tls.RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsAdmitted(certificate, chain?.ChainPolicy.ExtraStore);
    }

    private bool IsAdmitted(X509Certificate? certificate, X509Certificate2Collection? sent)
    {
        if (certificate is not null && door.Peers is { } peers)
        {
            var shown = new PeerCertificate(certificate, sent, (connection.RemoteEndPoint as IPEndPoint)?.Address);
            connection.Features.Set<IPeerIdentityFeature>(new PeerCredential(peers, shown));
        }

        if (!door.Admit(connection, out var permit).Allowed
            || (!permit.AllowsWithoutServerName && !door.Gate.CheckServerName(ref permit, serverName).Allowed))
        {
            return false;
        }

        // In audit mode a client with a wrong certificate goes on as whoever it is by its address.
        if (connection.Features.Get<IPeerIdentityFeature>() is PeerCredential { Refusal: not null })
        {
            connection.Features.Set<IPeerIdentityFeature>(null);
        }

        door.Keep(connection, permit, serverName);
        return true;
    }
}
