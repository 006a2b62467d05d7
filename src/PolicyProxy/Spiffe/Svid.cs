using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Spiffe;

/// <summary>Reads the SPIFFE id of a workload's certificate by the rules of the standard for X.509 SVIDs. Does not say who signed it.</summary>
internal static class Svid
{
    private const string SubjectAlternativeNames = "2.5.29.17";
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The id; null if the certificate is none of a workload.</summary>
    /// <param name="certificate">The certificate at the end of the chain.</param>
    /// <param name="refusal">Why it is refused, without anything the bearer wrote; else empty.</param>
    public static SpiffeId? Read(X509Certificate2 certificate, out string refusal)
    {
        try
        {
            refusal = CheckUse(certificate);
            if (refusal.Length > 0)
            {
                return null;
            }

            var uris = Uris(certificate).ToArray();
            var id = default(SpiffeId);
            refusal = uris.Length != 1 ? $"it has {uris.Length} URI names, not one"
                : !SpiffeId.TryParse(uris[0], out id) ? "its URI name is no SPIFFE id"
                : id.Path.Length == 0 ? "it names a trust domain, no workload"
                : string.Empty;
            return refusal.Length > 0 ? null : id;
        }
        catch (Exception error) when (error is CryptographicException or AsnContentException)
        {
            refusal = "its extensions cannot be read";
            return null;
        }
    }

    private static string CheckUse(X509Certificate2 certificate)
    {
        var usages = certificate.Extensions.OfType<X509KeyUsageExtension>().ToArray();
        return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(static constraints => constraints.CertificateAuthority) ? "it is a certificate authority's"
            : usages is not [{ KeyUsages: var usage }] || !usage.HasFlag(X509KeyUsageFlags.DigitalSignature) ? "its key usage is not digital signature"
            : (usage & (X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign)) != 0 ? "its key may sign certificates"
            : string.Empty;
    }

    private static IEnumerable<string> Uris(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions.Where(static extension => extension.Oid?.Value == SubjectAlternativeNames))
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(s_uri))
                {
                    yield return names.ReadCharacterString(UniversalTagNumber.IA5String, s_uri);
                }
                else
                {
                    _ = names.ReadEncodedValue();
                }
            }
        }
    }
}
