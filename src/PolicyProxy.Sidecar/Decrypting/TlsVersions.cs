using System.Security.Authentication;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>The versions of TLS that are spoken.</summary>
internal static class TlsVersions
{
    /// <summary>1.2 and 1.3, whatever the system would allow: 1.0 and 1.1 are not to be used (RFC 8996).</summary>
#pragma warning disable CA5398 // the system's choice could be older, and what is decrypted here must not get weaker by it
    public static SslProtocols Spoken { get; } = SslProtocols.Tls12 | SslProtocols.Tls13;
#pragma warning restore CA5398
}
