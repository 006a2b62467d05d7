using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>A <see cref="VerdictReason"/> in words.</summary>
internal static class ReasonText
{
    public static string Of(VerdictReason reason) => reason switch
    {
        VerdictReason.NotEnforced => "no policy selects the subject in this direction",
        VerdictReason.AllowedByRule => "a rule allows it",
        VerdictReason.AllowedByDefault => "no policy in this direction switches default deny on",
        VerdictReason.Redirected => "the connection is admitted and each request is judged",
        VerdictReason.DefaultDeny => "default deny: no rule allows it",
        VerdictReason.DeniedByRule => "a deny rule names it",
        VerdictReason.NoRuleMatched => "the connection is admitted, but no layer 7 rule matches the request",
        VerdictReason.AmbiguousRequest => "servers may read this request in different ways, and not all of them are allowed",
        VerdictReason.ProtocolError => "it is not a valid message of the protocol the rules are for",
        VerdictReason.PolicyError => "the policies that select the subject cannot be realised together",
        VerdictReason.AuthenticationRequired => "mutual authentication is required",
        VerdictReason.Unsupported => "a rule needs something this enforcement point cannot do",
        VerdictReason.NameNotAllowed => "a rule allows the address for other names than the one the connection shows",
        VerdictReason.HostMismatch => "the request names another host than the TLS handshake of its connection",
        VerdictReason.NameNotVisible => "a rule allows the address for some names, and the connection shows none",
        VerdictReason.CertificateRefused => "the peer's certificate does not prove who it is",
        VerdictReason.SecretWithheld => "the rule adds a secret, and nothing proves whom it would reach",
        _ => "nothing was judged",
    };
}
