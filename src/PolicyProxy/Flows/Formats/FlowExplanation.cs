using System.Globalization;
using System.Text;
using PolicyProxy.Gate;

namespace PolicyProxy.Flows.Formats;

/// <summary>Why a flow was denied or audited, in words: the deciding rule with file and line, else the nearest rule and what missed.</summary>
internal static class FlowExplanation
{
    private const int MostPoliciesNamed = 3;

    /// <summary>One line for people; empty for flows that were let through. Not yet safe for a terminal.</summary>
    public static string Of(FlowRecord flow, FlowRedaction redaction)
    {
        if (flow.Verdict is not (FlowVerdict.Dropped or FlowVerdict.Audit or FlowVerdict.Error))
        {
            return string.Empty;
        }

        if (flow.IsReply)
        {
            // A reply is never judged; only a failure to get one has something to say.
            return redaction.Text(flow.Note, flow.L7);
        }

        var text = new StringBuilder(flow.Verdict == FlowVerdict.Audit ? "would be denied: " : string.Empty);
        text.Append(Words(flow.Reason));
        if (flow.Rule is { } rule)
        {
            text.Append(flow.Reason == VerdictReason.DeniedByRule ? " " : "; rule ").Append(rule);
        }

        if (flow.Nearest is { } nearest)
        {
            text.Append("; nearest ").Append(nearest.Rule).Append(": ").Append(redaction.Text(nearest.Missed, flow.L7));
        }

        AppendSelecting(text, flow.Selecting);
        if (flow.Note.Length > 0)
        {
            text.Append("; ").Append(redaction.Text(flow.Note, flow.L7));
        }

        return text.ToString();
    }

    /// <summary><c>Kind/namespace/name</c> of the policy a rule belongs to.</summary>
    public static string PolicyName(RuleOrigin rule) =>
        rule.Namespace.Length == 0 ? $"{rule.Kind}/{rule.Policy}" : $"{rule.Kind}/{rule.Namespace}/{rule.Policy}";

    /// <summary><c>file:line:column</c>.</summary>
    public static string Place(RuleOrigin rule) => string.Create(CultureInfo.InvariantCulture, $"{rule.File}:{rule.Line}:{rule.Column}");

    private static void AppendSelecting(StringBuilder text, IReadOnlyList<RuleOrigin> selecting)
    {
        for (var i = 0; i < Math.Min(selecting.Count, MostPoliciesNamed); i++)
        {
            text.Append(i == 0 ? "; default deny by " : ", ").Append(PolicyName(selecting[i]))
                .Append(CultureInfo.InvariantCulture, $" ({selecting[i].File}:{selecting[i].Line})");
        }

        if (selecting.Count > MostPoliciesNamed)
        {
            text.Append(CultureInfo.InvariantCulture, $" and {selecting.Count - MostPoliciesNamed} more");
        }
    }

    private static string Words(VerdictReason reason) => reason switch
    {
        VerdictReason.DefaultDeny => "no rule allows it",
        VerdictReason.DeniedByRule => "denied by",
        VerdictReason.NoRuleMatched => "no rule matches the request",
        VerdictReason.AmbiguousRequest => "the request can be read in more than one way",
        VerdictReason.ProtocolError => "not a valid message of the protocol",
        VerdictReason.PolicyError => "the policies cannot be realised together",
        VerdictReason.AuthenticationRequired => "mutual authentication is required",
        VerdictReason.Unsupported => "the rule needs what cannot be enforced here",
        VerdictReason.NameNotAllowed => "the name it shows is not allowed at this address",
        VerdictReason.HostMismatch => "it names another host than the TLS handshake",
        VerdictReason.NameNotVisible => "it shows no name, and the rule is for names",
        VerdictReason.CertificateRefused => "the certificate does not prove who it is",
        VerdictReason.SecretWithheld => "the rule adds a secret, and nothing proves whom it would reach",
        VerdictReason.NotJudged => "not judged",
        _ => reason.ToString(),
    };
}
