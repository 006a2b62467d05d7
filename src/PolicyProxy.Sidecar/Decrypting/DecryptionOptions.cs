namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>How TLS whose inside is to be judged is decrypted. Immutable.</summary>
internal sealed record DecryptionOptions
{
    /// <summary>
    /// Vouches for the servers that clients are answered in place of, where no rule names a context. Null = such connections are refused.
    /// </summary>
    public RunAuthority? Authority { get; init; }

    /// <summary>Folder of the secrets that TLS contexts name: <c>NAMESPACE/NAME/ITEM</c>. Null = those among the policies are all there are.</summary>
    public string? SecretsPath { get; init; }

    /// <summary>Who vouches for the servers themselves.</summary>
    public required UpstreamTrust Trust { get; init; }

    /// <summary>
    /// Longest time for the handshake with a server, and again for that with a client. Default 10 seconds, Kestrel's <c>HandshakeTimeout</c>.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections in a handshake at the same time; more wait within the same limit. Default 256: no server keeps up with more on a few cores.</summary>
    public int MaxHandshakes { get; init; } = 256;

    /// <summary>Certificates kept for the next connection; the one used longest ago goes first. Default 1,024, some 5 MB.</summary>
    public int MaxCertificates { get; init; } = 1_024;

    /// <summary>How long a connection to a server is kept for a client that has asked nothing yet. Default 4 seconds, as between requests.</summary>
    public TimeSpan UpstreamIdleTimeout { get; init; } = TimeSpan.FromSeconds(4);
}
