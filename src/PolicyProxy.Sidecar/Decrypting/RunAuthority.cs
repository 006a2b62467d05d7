using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>
/// A certificate authority that lives as long as this process: its key is never written anywhere. Only who is given its certificate trusts it. Thread-safe.
/// </summary>
internal sealed class RunAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    // The longest browsers accept of a server's certificate; a run may be a service.
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(397);

    private static readonly TimeSpan s_leafValidity = TimeSpan.FromDays(7);

    // Clocks of containers and virtual machines are not always those of their hosts.
    private static readonly TimeSpan s_skew = TimeSpan.FromHours(1);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _end;

    public RunAuthority(TimeProvider time)
    {
        _time = time;
        var now = time.GetUtcNow();
        _end = now + s_validity;

        // The number keeps two runs apart for whoever looks an issuer up by its name.
        var name = $"CN=PolicyProxy run {Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}";
        var request = new CertificateRequest(name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        Certificate = request.CreateSelfSigned(now - s_skew, _end);
    }

    /// <summary>What clients have to trust; with the key, which only this class uses.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A certificate for one server, with its own key.</summary>
    /// <param name="server">The name, or the address as an authority writes it.</param>
    /// <param name="renewal">From then on another one is to be issued.</param>
    public X509Certificate2 Issue(string server, out DateTimeOffset renewal)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // The name stands in the extension, whose length is not bounded; clients do not look at the subject (RFC 9110 §4.3.4).
        var request = new CertificateRequest("CN=PolicyProxy", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(server, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(server);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var now = _time.GetUtcNow();
        var end = now + s_leafValidity < _end ? now + s_leafValidity : _end;
        renewal = now + ((end - now) / 2);
        using var certificate = request.Create(Certificate, now - s_skew, end, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
