namespace PolicyProxy.Gate;

/// <summary>Why a verdict came out as it did.</summary>
public enum VerdictReason : byte
{
    /// <summary>Nothing was judged; the verdict is a denial.</summary>
    NotJudged = 0,

    /// <summary>No policy selects the subject in this direction.</summary>
    NotEnforced,

    /// <summary>A rule allows it.</summary>
    AllowedByRule,

    /// <summary>Policies are in force in this direction, but none switches default deny on.</summary>
    AllowedByDefault,

    /// <summary>The connection is admitted and every request on it will be judged.</summary>
    Redirected,

    /// <summary>Default deny: no rule allows it (Hubble POLICY_DENIED).</summary>
    DefaultDeny,

    /// <summary>A deny rule names it (Hubble POLICY_DENY).</summary>
    DeniedByRule,

    /// <summary>The connection is admitted but no L7 rule matches this request.</summary>
    NoRuleMatched,

    /// <summary>The request has forms that a server could read differently, and they are not all allowed.</summary>
    AmbiguousRequest,

    /// <summary>The bytes are not a valid message of the protocol the rules are for.</summary>
    ProtocolError,

    /// <summary>The policies that select the subject cannot be realised together.</summary>
    PolicyError,

    /// <summary>Mutual authentication is required and not proven.</summary>
    AuthenticationRequired,

    /// <summary>The rule needs something this enforcement point cannot do, so it fails closed.</summary>
    Unsupported,

    /// <summary>A <c>toFQDNs</c> rule admits the connection by its address, but the name it shows is not allowed there (<see cref="Policy.Identities.FqdnBinding.Strict"/>).</summary>
    NameNotAllowed,

    /// <summary>A <c>toFQDNs</c> rule admits the connection by its address, but it shows no name (<see cref="Policy.Identities.FqdnBinding.Strict"/>).</summary>
    NameNotVisible,

    /// <summary>The request names another host than the TLS handshake of its connection did.</summary>
    HostMismatch,

    /// <summary>The peer has shown a certificate that does not prove who it is; nothing it could be by its address counts.</summary>
    CertificateRefused,

    /// <summary>A rule adds a Secret to the request, and nothing proves that it would reach whom the rule speaks of.</summary>
    SecretWithheld,
}

/// <summary>What has to be inspected on an admitted connection.</summary>
public enum L7Kind : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>HTTP requests.</summary>
    Http,

    /// <summary>DNS queries.</summary>
    Dns,

    /// <summary>The TLS server name only.</summary>
    Tls,

    /// <summary>Kafka requests.</summary>
    Kafka,

    /// <summary>A custom Envoy listener; not realisable here, fails closed.</summary>
    Listener,

    /// <summary>The name the connection shows, as TLS server name or HTTP host, and nothing else.</summary>
    Name,
}
