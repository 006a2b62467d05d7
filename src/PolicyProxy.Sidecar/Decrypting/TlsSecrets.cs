using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>What a secret gives.</summary>
/// <param name="Certificate">A certificate with its key and the issuers it came with; null = there is none.</param>
/// <param name="Authorities">Authorities; null = there are none.</param>
internal sealed record TlsSecret(SslStreamCertificateContext? Certificate, X509Certificate2Collection? Authorities);

/// <summary>
/// The secrets that TLS contexts name: among the policies, or in a folder. Looked at for every connection, so that a new one is used from the next
/// connection on; one that cannot be used leaves the last good one in place. Thread-safe.
/// </summary>
/// <param name="folder"><c>NAMESPACE/NAME/ITEM</c> below it; null = none.</param>
/// <param name="onNotUsed">Told which secret cannot be used, and why, once for each version of it.</param>
internal sealed class TlsSecrets(string? folder, Action<string, string> onNotUsed)
{
    private readonly ConcurrentDictionary<TlsContext, Known> _known = new();

    /// <summary>The secret of a context; null with the reason if it is missing, or cannot be used and never could.</summary>
    public TlsSecret? Find(TlsContext context, IReadOnlyList<TlsSecretItems> objects, out string reason)
    {
        var name = $"{context.SecretNamespace}/{context.SecretName}";
        var items = Read(context, objects);
        if (items is [null, null, null])
        {
            reason = $"the secret {name} is missing";
            return null;
        }

        var known = _known.AddOrUpdate(context, _ => Parse(name, items, null), (_, last) => last.IsOf(items) ? last : Parse(name, items, last));
        reason = known.Secret is null ? $"the secret {name} cannot be used: {known.Error}" : string.Empty;
        return known.Secret;
    }

    // Certificate, key, authorities; null for what is not there.
    private byte[]?[] Read(TlsContext context, IReadOnlyList<TlsSecretItems> objects)
    {
        string[] names = [context.Certificate, context.PrivateKey, context.TrustedCa];
        foreach (var secret in objects)
        {
            if (secret.Name == context.SecretName && secret.Namespace == context.SecretNamespace)
            {
                return Array.ConvertAll(names, secret.Items.GetValueOrDefault);
            }
        }

        return Array.ConvertAll(names, item => ReadFile(context.SecretNamespace, context.SecretName, item));
    }

    // A policy names parts of a path, not a way out of the folder.
    private byte[]? ReadFile(params string[] parts)
    {
        if (folder is null || Array.Exists(parts, static part => part is "" or "." or ".." || part.Contains('/')))
        {
            return null;
        }

        try
        {
            return File.ReadAllBytes(Path.Combine([folder, .. parts]));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private Known Parse(string name, byte[]?[] items, Known? last)
    {
        try
        {
            return new Known(items, new TlsSecret(ReadCertificate(items[0], items[1]), ReadAuthorities(items[2])), string.Empty);
        }
        catch (CryptographicException problem)
        {
            onNotUsed(name, problem.Message);
            return new Known(items, last?.Secret, problem.Message);
        }
    }

    private static SslStreamCertificateContext? ReadCertificate(byte[]? certificate, byte[]? key)
    {
        if (certificate is null || key is null)
        {
            return null;
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Encoding.UTF8.GetString(certificate));
        var leaf = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
        return SslStreamCertificateContext.Create(leaf, [.. chain.Skip(1)], offline: true);
    }

    private static X509Certificate2Collection? ReadAuthorities(byte[]? authorities)
    {
        if (authorities is null)
        {
            return null;
        }

        var read = new X509Certificate2Collection();
        read.ImportFromPem(Encoding.UTF8.GetString(authorities));
        return read.Count > 0 ? read : throw new CryptographicException("there is no certificate among the authorities");
    }

    /// <summary>What was last read, the last of it that could be used, and what is wrong with the rest.</summary>
    private sealed record Known(byte[]?[] Items, TlsSecret? Secret, string Error)
    {
        public bool IsOf(byte[]?[] items) => Items.Zip(items).All(static pair =>
            pair.First is null || pair.Second is null ? pair.First == pair.Second : pair.First.AsSpan().SequenceEqual(pair.Second));
    }
}
