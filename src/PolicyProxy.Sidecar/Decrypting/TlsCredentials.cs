using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>With what the two sides of a connection are spoken to.</summary>
/// <param name="Server">What the client is shown.</param>
/// <param name="Clients">Who vouches for the client, which then has to show a certificate; null = it is not asked.</param>
/// <param name="Upstream">With whom the server is spoken to; null = in the open.</param>
internal sealed record TlsCredentialsFound(SslStreamCertificateContext Server, UpstreamTrust? Clients, UpstreamIdentity? Upstream);

/// <summary>
/// Finds keys and certificates: those of the contexts that rules name, or else those of the run's own authority. A context whose secret cannot be had
/// is no reason to do without (semantics 8.5). Thread-safe.
/// </summary>
internal sealed class TlsCredentials(DecryptionOptions options, TimeProvider time, Action<string, string> onNotUsed)
{
    private readonly TlsSecrets _secrets = new(options.SecretsPath, onNotUsed);
    private readonly UpstreamIdentity _anonymous = new(options.Trust, null);
    private readonly IssuedCertificates? _issued =
        options.Authority is { } authority ? new IssuedCertificates(authority, options.MaxCertificates, time) : null;

    /// <summary>Finds what a connection needs; false with the reason if some of it cannot be had.</summary>
    public bool TryFind(TlsArrival arrival, string server, [NotNullWhen(true)] out TlsCredentialsFound? found, out string reason)
    {
        var (_, terminating, originating) = arrival.Handling;
        var objects = arrival.Permit.State?.Policy.Secrets ?? [];
        found = null;
        if (terminating is null)
        {
            reason = originating is not null ? "a rule has originatingTLS without terminatingTLS, and the client speaks TLS already"
                : _issued is null ? "rules need to see what is inside TLS, and there is no terminatingTLS"
                : string.Empty;
            found = reason.Length == 0 && TryIssue(server, out var issued, ref reason) ? new TlsCredentialsFound(issued, null, _anonymous) : null;
            return found is not null;
        }

        UpstreamIdentity? upstream = null;
        if (_secrets.Find(terminating, objects, out reason) is not { } own
            || Require(own.Certificate, terminating, "a certificate and its key", ref reason) is not { } certificate
            || (terminating.NamesTrustedCa && Require(own.Authorities, terminating, "authorities for clients", ref reason) is null)
            || (originating is not null && !TryOriginate(originating, objects, out upstream, out reason)))
        {
            return false;
        }

        found = new TlsCredentialsFound(certificate, terminating.NamesTrustedCa ? UpstreamTrust.Only(own.Authorities!) : null, upstream);
        return true;
    }

    /// <summary>With whom a server is spoken to by a context; false with the reason if that cannot be had.</summary>
    public bool TryOriginate(
        TlsContext originating, IReadOnlyList<TlsSecretItems> objects, [NotNullWhen(true)] out UpstreamIdentity? upstream, out string reason)
    {
        upstream = _secrets.Find(originating, objects, out reason) is { } secret
            && Require(secret.Authorities, originating, "authorities for the server", ref reason) is { } authorities
            ? new UpstreamIdentity(UpstreamTrust.Only(authorities), secret.Certificate)
            : null;
        return upstream is not null;
    }

    // The name is the client's, and has been read by the rules of another parser.
    private bool TryIssue(string server, [NotNullWhen(true)] out SslStreamCertificateContext? issued, ref string reason)
    {
        try
        {
            issued = _issued!.For(server);
            return true;
        }
        catch (Exception problem) when (problem is ArgumentException or CryptographicException)
        {
            issued = null;
            reason = $"no certificate can be made for {server}";
            return false;
        }
    }

    private static T? Require<T>(T? item, TlsContext context, string what, ref string reason)
        where T : class
    {
        reason = item is null ? $"the secret {context.SecretNamespace}/{context.SecretName} has no item with {what}" : reason;
        return item;
    }
}
