using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>Who vouches for servers: the system's roots, as <c>SSL_CERT_FILE</c> and <c>SSL_CERT_DIR</c> give them, and those of files. Thread-safe.</summary>
internal sealed class UpstreamTrust
{
    private readonly X509ChainPolicy _policy = new()
    {
        RevocationMode = X509RevocationMode.NoCheck, // as curl, Go and .NET itself by default
        DisableCertificateDownloads = true, // whom to ask would be the server's choice
    };

    private UpstreamTrust(X509Certificate2Collection added)
    {
        Added = added;
        if (added.Count > 0)
        {
            using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
            _policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            _policy.CustomTrustStore.AddRange(system.Certificates);
            _policy.CustomTrustStore.AddRange(added);
        }
    }

    /// <summary>The roots that the system does not have.</summary>
    public X509Certificate2Collection Added { get; }

    /// <summary>How a certificate is checked; one for each handshake.</summary>
    public X509ChainPolicy Policy => _policy.Clone();

    /// <summary>These authorities and no others.</summary>
    public static UpstreamTrust Only(X509Certificate2Collection authorities)
    {
        var trust = new UpstreamTrust([]);
        trust._policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        trust._policy.CustomTrustStore.AddRange(authorities);
        return trust;
    }

    /// <summary>Reads roots from files.</summary>
    /// <param name="files">PEM files with one certificate or more.</param>
    /// <exception cref="SidecarStartException">One cannot be read.</exception>
    public static UpstreamTrust Read(IEnumerable<string> files)
    {
        var added = new X509Certificate2Collection();
        foreach (var file in files)
        {
            var before = added.Count;
            try
            {
                added.ImportFromPemFile(file);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new SidecarStartException($"cannot read the certificates of {file}: {problem.Message}", problem);
            }

            if (added.Count == before)
            {
                throw new SidecarStartException($"there is no certificate in {file}: a line -----BEGIN CERTIFICATE----- was expected");
            }
        }

        return new UpstreamTrust(added);
    }
}
