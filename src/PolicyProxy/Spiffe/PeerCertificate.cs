using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.Spiffe;

/// <summary>What a peer has shown in a TLS handshake. Keeps copies: the originals end with the handshake. Immutable.</summary>
internal sealed class PeerCertificate
{
    /// <summary>Most certificates of a peer that are looked at between its own and an authority.</summary>
    private const int MaxIntermediates = 8;

    /// <summary>Copies what was shown.</summary>
    /// <param name="leaf">The peer's own certificate.</param>
    /// <param name="sent">Others it sent.</param>
    /// <param name="address">Where it connects from; null = unknown.</param>
    public PeerCertificate(X509Certificate leaf, X509Certificate2Collection? sent, IPAddress? address)
    {
        Leaf = X509CertificateLoader.LoadCertificate(leaf.GetRawCertData());
        foreach (var certificate in (sent ?? []).Take(MaxIntermediates))
        {
            Intermediates.Add(X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span));
        }

        Address = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }

    public X509Certificate2 Leaf { get; }

    public X509Certificate2Collection Intermediates { get; } = [];

    public IPAddress? Address { get; }
}
