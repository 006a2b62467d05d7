using System.Security.Cryptography.X509Certificates;
using PolicyProxy.TestKit.Certificates;

namespace PolicyProxy.Sidecar.Tests.Decrypting;

/// <summary>A certificate authority of a test.</summary>
internal sealed class TestAuthority(string name) : IDisposable
{
    private readonly X509Certificate2 _root = TestCertificate.Create(name, null);

    public string Pem => _root.ExportCertificatePem();

    public X509Certificate2 Root => _root;

    /// <summary>A certificate with its key.</summary>
    public X509Certificate2 Issue(params string[] names) => TestCertificate.Create(names[0], _root, names);

    /// <summary>The items of a Kubernetes TLS secret.</summary>
    public Dictionary<string, string> Secret(params string[] names)
    {
        using var certificate = Issue(names);
        using var key = certificate.GetECDsaPrivateKey()!;
        return new() { ["tls.crt"] = certificate.ExportCertificatePem() + "\n" + Pem, ["tls.key"] = key.ExportPkcs8PrivateKeyPem() };
    }

    public void Dispose() => _root.Dispose();
}
