using System.CommandLine;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Decrypting;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Options of <c>run</c> that say what becomes of TLS whose inside policy wants to see.</summary>
internal sealed class DecryptionChoice
{
    private readonly Option<string> _tls = new("--tls")
    {
        Description = "TLS where only rules for requests allow a name. decrypt: judge what is inside, with a certificate authority made for this run. deny: refuse it.",
        DefaultValueFactory = _ => "decrypt",
    };

    private readonly Option<string[]> _roots = new("--upstream-ca")
    {
        HelpName = "FILE",
        Description = "PEM file of certificate authorities that servers may have their certificates from, besides the system's; may be repeated.",
    };

    public DecryptionChoice() => _tls.AcceptOnlyFromAmong("decrypt", "deny");

    public IEnumerable<Option> All => [_tls, _roots];

    /// <summary>True if decrypting is wanted.</summary>
    public bool IsWanted(ParseResult parsed) => parsed.GetValue(_tls) != "deny";

    /// <summary>The files with further authorities.</summary>
    public IReadOnlyList<string> Roots(ParseResult parsed) => parsed.GetValue(_roots) ?? [];

    /// <summary>True if policies have rules for requests that TLS could hide.</summary>
    public static bool IsNeeded(PolicyEngine engine, Identity subject) =>
        engine.State?.Policy.For(subject).Egress.Entries.Any(static entry =>
            !entry.Policy.Deny && entry.Port.Protocol is TransportProtocol.Tcp or TransportProtocol.Any && entry.Policy.Parser is L7Kind.Http or L7Kind.Kafka) == true;

    /// <summary>What decrypts.</summary>
    /// <param name="isNeeded">True if names without a TLS context are to be decrypted too.</param>
    /// <param name="roots">Files with further authorities.</param>
    /// <param name="secrets">Folder of secrets; null = none.</param>
    /// <exception cref="SidecarStartException">A file cannot be read.</exception>
    public static DecryptionOptions Create(bool isNeeded, IReadOnlyList<string> roots, string? secrets) => new()
    {
        Authority = isNeeded ? new RunAuthority(TimeProvider.System) : null,
        Trust = UpstreamTrust.Read(isNeeded ? roots : []),
        SecretsPath = secrets,
    };
}
