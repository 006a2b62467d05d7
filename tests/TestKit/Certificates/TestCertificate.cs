using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.TestKit.Certificates;

/// <summary>Certificates of authorities and servers, with keys that are made here.</summary>
internal static class TestCertificate
{
    /// <summary>A certificate with its key.</summary>
    /// <param name="name">Common name.</param>
    /// <param name="issuer">Signs it; null = it is an authority's.</param>
    /// <param name="names">DNS names of a server.</param>
    public static X509Certificate2 Create(string name, X509Certificate2? issuer, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var (from, to) = (DateTimeOffset.UnixEpoch, new DateTimeOffset(2049, 12, 31, 0, 0, 0, TimeSpan.Zero));
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, to);
        }

        var alternatives = new SubjectAlternativeNameBuilder();
        Array.ForEach(names, alternatives.AddDnsName);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }
}
