using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.Sidecar.Launching.Trust;

/// <summary>
/// A PKCS #12 file (RFC 7292) that Java reads as a trust store without being told a password: neither encrypted nor sealed, as what is inside is public.
/// </summary>
internal static class JavaTrustStore
{
    private const string Data = "1.2.840.113549.1.7.1";
    private const string CertificateBag = "1.2.840.113549.1.12.10.1.3";
    private const string X509Certificate = "1.2.840.113549.1.9.22.1";

    // Java takes a certificate without a key for trusted only if it is marked so.
    private const string TrustedKeyUsage = "2.16.840.1.113894.746875.1.1";
    private const string AnyExtendedKeyUsage = "2.5.29.37.0";

    private static readonly Asn1Tag s_explicit = new(TagClass.ContextSpecific, 0, isConstructed: true);

    public static byte[] Write(X509Certificate2Collection certificates) => Encode(file =>
    {
        file.WriteInteger(3);
        WriteData(file, Encode(safe => WriteData(safe, Encode(bags =>
        {
            foreach (var certificate in certificates)
            {
                WriteBag(bags, certificate);
            }
        }))));
    });

    private static byte[] Encode(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            write(writer);
        }

        return writer.Encode();
    }

    private static void WriteData(AsnWriter writer, byte[] content)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Data);
            using (writer.PushSequence(s_explicit))
            {
                writer.WriteOctetString(content);
            }
        }
    }

    private static void WriteBag(AsnWriter writer, X509Certificate2 certificate)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CertificateBag);
            using (writer.PushSequence(s_explicit))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(X509Certificate);
                using (writer.PushSequence(s_explicit))
                {
                    writer.WriteOctetString(certificate.RawDataMemory.Span);
                }
            }

            using (writer.PushSetOf())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(TrustedKeyUsage);
                using (writer.PushSetOf())
                {
                    writer.WriteObjectIdentifier(AnyExtendedKeyUsage);
                }
            }
        }
    }
}
