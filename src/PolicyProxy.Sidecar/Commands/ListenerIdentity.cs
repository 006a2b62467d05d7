using System.CommandLine;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Options of <c>sidecar</c> for listeners that speak TLS: who the sidecar is, and who vouches for its clients.</summary>
internal sealed class ListenerIdentity
{
    private readonly Option<string?> _secret = new("--tls-secret")
    {
        HelpName = "NAMESPACE/NAME",
        Description = "Answer the clients of --listen over TLS, with this secret of --tls-secrets: tls.crt and tls.key. A new one is used from the next connection on.",
    };

    private readonly Option<string[]> _domains = new("--trust-domain")
    {
        HelpName = "NAME=FILE",
        Description = "With --tls-secret: clients with a certificate of this SPIFFE trust domain, whose authorities are in the PEM file, are who it says; may be repeated.",
    };

    public IEnumerable<Option> All => [_secret, _domains];

    /// <summary>The secret, or null.</summary>
    /// <exception cref="CommandFailureException">It is no such name.</exception>
    public string? Secret(ParseResult parsed) => parsed.GetValue(_secret) switch
    {
        null => null,
        var name when name.Split('/') is [{ Length: > 0 }, { Length: > 0 }] => name,
        var name => throw new CommandFailureException($"--tls-secret {name}: give NAMESPACE/NAME, a folder with tls.crt and tls.key below that of --tls-secrets"),
    };

    /// <summary>Files by trust domain.</summary>
    /// <exception cref="CommandFailureException">One is not NAME=FILE, or nobody would be asked for a certificate.</exception>
    public IReadOnlyDictionary<string, string> TrustDomains(ParseResult parsed)
    {
        var domains = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in parsed.GetValue(_domains) ?? [])
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == text.Length - 1 || !domains.TryAdd(text[..equals], text[(equals + 1)..]))
            {
                throw new CommandFailureException($"--trust-domain {text}: give NAME=FILE, each name once, such as example.org=/etc/spiffe/example.org.pem");
            }
        }

        return domains.Count == 0 || parsed.GetValue(_secret) is not null
            ? domains
            : throw new CommandFailureException("--trust-domain needs --tls-secret: clients show their certificates in a TLS handshake");
    }
}
