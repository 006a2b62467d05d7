using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>The policy of one subject in both directions (semantics 4.4, 4.6, 6.3, 8.3).</summary>
internal sealed class NaiveEndpoint(NaiveSettings settings, NaiveDirection ingress, NaiveDirection egress)
{
    private static readonly string[] AuthModes = ["disabled", "required", "test-always-fail"];

    /// <summary>Why the two directions cannot be realised; null when they can.</summary>
    public string? Conflict => ingress.Conflict ?? egress.Conflict;

    public FlowAnswer Evaluate(FlowQuestion flow)
    {
        // 1. a subject whose policy cannot be computed has no answer in either direction
        if (Conflict is not null)
        {
            return FlowAnswer.Error;
        }

        var direction = flow.Direction == TrafficDirection.Ingress ? ingress : egress;
        if (!direction.IsEnforced)
        {
            return new FlowAnswer { Enforced = false, L4 = "allowed", Verdict = "allowed" };
        }

        // 2. all rules for this peer and port, the strongest first
        var rules = direction.Rules.Where(r => r.Covers(flow))
            .OrderBy(r => r.Tier).ThenByDescending(r => r.Policy.Precedence).ThenBy(r => r.Port.Size).ThenBy(r => r.Selector.IsWildcard).ToList();
        if (rules is not [var winner, ..] || winner.Policy.Deny)
        {
            return new FlowAnswer { Enforced = true, L4 = "denied", Verdict = "denied" };
        }

        var auth = AuthOf(rules);
        if (winner.Policy.Parser == "none")
        {
            return new FlowAnswer { Enforced = true, L4 = "allowed", Verdict = "allowed", Auth = auth };
        }

        // 3. the request stage asks the other rules as well
        var (l7, headers) = Request(rules, flow);
        return new FlowAnswer
        {
            Enforced = true,
            L4 = "redirect",
            L7Protocol = winner.Policy.Parser,
            L7 = l7,
            Verdict = l7 == "denied" ? "denied" : "allowed",
            HeadersAfter = l7 == "allowed" ? headers : null,
            Auth = auth,
        };
    }

    private static string? AuthOf(List<NaiveRule> rules)
    {
        // semantics 4.4: without a mode of its own the winner has the strictest mode of the rules on its level
        var level = rules.Where(r => r.Tier == rules[0].Tier && r.Policy.Precedence >= rules[0].Policy.Precedence);
        var mode = rules[0].Policy.Auth ?? level.Select(r => r.Policy.Auth).Where(a => a is not null).MaxBy(a => Array.IndexOf(AuthModes, a));
        return mode switch
        {
            "required" => "spire",
            "test-always-fail" => mode,
            _ => null,
        };
    }

    private (string L7, IReadOnlyList<HeaderLine>? Headers) Request(List<NaiveRule> rules, FlowQuestion flow)
    {
        switch (rules[0].Policy.Parser, flow)
        {
            case ("crd", _):
                return ("listener", null);
            case ("http", { Http: { } request }):
                return Http(rules, new HttpMatching(request));
            case ("kafka", { Kafka: { } request }):
                return (Word(Kafka(rules, request)), null);
            case ("tls", { ServerName: { } name }):
                return (Word(rules.Any(r => r.Policy.Parser != "crd" && (r.Policy.ServerNames.Count == 0 || r.Policy.ServerNames.Any(p => SniPattern.Matches(p, name))))), null);
            case ("dns", { DnsName: { } name }):
                // semantics 6.3: the DNS proxy only knows the filter that won
                return (Word(rules.Where(r => r.Port == rules[0].Port).Any(r => Passes(r, "dns") || r.Policy.Dns.Any(d => Dns(d, name, flow.DnsType)))), null);
            default:
                return ("not-evaluated", null);
        }
    }

    private bool Kafka(List<NaiveRule> rules, KafkaQuestion request)
    {
        if (!settings.CiliumCompatible)
        {
            return rules.Any(r => Passes(r, "kafka")) || KafkaNameMatching.Allows(request, [.. rules.SelectMany(r => r.Policy.Kafka)]);
        }

        var whole = new KafkaMatching(request);
        return rules.Any(r => Passes(r, "kafka") || r.Policy.Kafka.Any(whole.Allows));
    }

    private static string Word(bool allowed) => allowed ? "allowed" : "denied";

    /// <summary>
    /// semantics 4.6: a rule without request rules lets every request pass. DNS rules belong to another proxy and say nothing of HTTP;
    /// Kafka rules and custom listeners admit nothing but their own.
    /// </summary>
    private static bool Passes(NaiveRule rule, string parser) =>
        rule.Policy.Parser is "none" or "tls" || (rule.Policy.Parser == "dns" && parser == "http")
        || (rule.Policy.Parser == parser && rule.Policy.AllowsEveryRequest);

    private static bool Dns(DnsNameRule rule, string name, string type) =>
        DnsPattern.Of(rule, matchAllIsAnyName: true)?.IsMatch(DnsPattern.Qualify(name)) == true
        && (rule.QueryTypes is not { Count: > 0 } types || types.Any(t => t.Value.Equals(type, StringComparison.OrdinalIgnoreCase)));

    /// <summary>semantics 5.4: every matching rule edits the headers, not only the one that allowed first.</summary>
    private (string L7, IReadOnlyList<HeaderLine>? Headers) Http(List<NaiveRule> rules, HttpMatching request)
    {
        var allowed = false;
        foreach (var rule in rules)
        {
            allowed |= Passes(rule, "http") || rule.Policy.Grpc.Any(request.Match);
            foreach (var http in rule.Policy.Http)
            {
                allowed |= request.Match(http, reference => Secret(reference, rule.Namespace));
            }
        }

        return (Word(allowed), request.Edited);
    }

    private string? Secret(SecretReference reference, string ruleNamespace)
    {
        var ns = string.IsNullOrEmpty(reference.Namespace) ? ruleNamespace : reference.Namespace;
        var secret = settings.Secrets.FirstOrDefault(s => s.Name == reference.Name && s.Namespace == ns);
        return secret?.Data.Count == 1 ? System.Text.Encoding.UTF8.GetString(secret.Data.Values.First()) : null;
    }
}
