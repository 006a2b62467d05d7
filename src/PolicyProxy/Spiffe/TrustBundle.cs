using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PolicyProxy.Spiffe;

/// <summary>The certificate authorities of one trust domain. Immutable.</summary>
internal sealed class TrustBundle
{
    /// <summary>Longest file read, in bytes; hundreds of authorities fit.</summary>
    private const int MaxBytes = 1 << 20;

    private TrustBundle(string content, X509Certificate2Collection roots)
    {
        Content = content;
        Roots = roots;
    }

    /// <summary>Stands for what was read: equal contents, equal bundles.</summary>
    public string Content { get; }

    public X509Certificate2Collection Roots { get; }

    /// <summary>Reads a PEM file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="error">Why it cannot be used; else empty.</param>
    public static TrustBundle? Read(string path, out string error)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                error = $"{path} is longer than {MaxBytes} bytes";
                return null;
            }

            return Parse(File.ReadAllText(path, Encoding.UTF8), path, out error);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            error = problem.Message;
            return null;
        }
    }

    private static TrustBundle? Parse(string text, string path, out string error)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            error = $"{path} is no PEM file of certificates";
            return null;
        }

        var isEveryAuthority = roots.All(static root =>
            root.Extensions.OfType<X509BasicConstraintsExtension>().Any(static constraints => constraints.CertificateAuthority));
        error = roots.Count == 0 ? $"{path} holds no certificate"
            : !isEveryAuthority ? $"{path} holds a certificate that is no certificate authority's"
            : string.Empty;
        return error.Length > 0 ? null : new TrustBundle(text, roots);
    }
}
