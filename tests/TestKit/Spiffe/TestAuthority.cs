using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.TestKit.Spiffe;

/// <summary>A certificate authority of a trust domain, or one below another. Its keys are made here and never leave memory.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;

    public TestAuthority(string name = "authority", TestAuthority? parent = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
        if (parent is null)
        {
            _certificate = request.CreateSelfSigned(from, to);
            return;
        }

        using var signed = request.Create(parent._certificate, from.AddHours(1), to.AddHours(-1), RandomNumberGenerator.GetBytes(8));
        _certificate = signed.CopyWithPrivateKey(key);
    }

    public X509Certificate2 Certificate => _certificate;

    /// <summary>The bundle that holds this authority alone.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>A certificate with a key.</summary>
    public X509Certificate2 Issue(TestLeaf leaf)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=workload", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(leaf.IsAuthority, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(leaf.Usage, critical: true));
        if (leaf.ExtendedUsage.Length > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(leaf.ExtendedUsage)], critical: false));
        }

        var names = new SubjectAlternativeNameBuilder();
        foreach (var uri in leaf.Uris)
        {
            names.AddUri(new Uri(uri));
        }

        names.AddDnsName(leaf.DnsName);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_certificate, leaf.NotBefore, leaf.NotAfter, RandomNumberGenerator.GetBytes(8));
        using var own = signed.CopyWithPrivateKey(key);

        // SslStream wants a key that is not only of this object.
        return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    public X509Certificate2 Issue(params string[] uris) => Issue(new TestLeaf { Uris = uris });

    public void Dispose() => _certificate.Dispose();
}

/// <summary>What a certificate says; by default what a workload's has to.</summary>
internal sealed record TestLeaf
{
    public IReadOnlyList<string> Uris { get; init; } = [];

    public string DnsName { get; init; } = "localhost";

    public bool IsAuthority { get; init; }

    public X509KeyUsageFlags Usage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public string ExtendedUsage { get; init; } = string.Empty;

    public DateTimeOffset NotBefore { get; init; } = DateTimeOffset.UtcNow.AddHours(-1);

    public DateTimeOffset NotAfter { get; init; } = DateTimeOffset.UtcNow.AddHours(1);
}
