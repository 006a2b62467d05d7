using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Lints about the way to DNS: without it names do not resolve, and <c>toFQDNs</c> never learns an address (semantics 6.5).</summary>
internal static class DnsAccessLints
{
    private const string Fix =
        "add an egress rule toPorts: [{ports: [{port: \"53\", protocol: ANY}], rules: {dns: [{matchPattern: \"*\"}]}}] towards the DNS service";

    public static void Run(LintReport report, PolicyObjects objects)
    {
        var egress = RuleWalk.Allows(objects).Where(a => a.Direction == TrafficDirection.Egress).ToList();
        foreach (var (document, rule) in RuleWalk.Rules(objects))
        {
            var covering = egress.Where(a => SelectorCoverage.Covers(a.Document, a.Rule, document, rule)).ToList();
            WithoutDns(report, document, rule, covering);
            FqdnsWithoutRule(report, document, rule, covering);
        }
    }

    private static void WithoutDns(LintReport report, PolicyDocument document, PolicyRule rule, List<AllowRule> covering)
    {
        var named = rule.Egress.FirstOrDefault(NeedsNames);
        if (named is not null && rule.DefaultDenyEgress != false && !covering.Any(a => OpensDns(a.Entry)))
        {
            report.Warn(
                document,
                LintIds.EgressWithoutDns,
                named.Span,
                "egress is under default deny for these subjects and no rule allows DNS (port 53): names will not resolve",
                Fix);
        }
    }

    /// <summary>Peers found by name. Rules for addresses only, and rules that allow nothing, work without DNS.</summary>
    private static bool NeedsNames(DirectionRule entry) =>
        entry.Endpoints is { Count: > 0 }
        || entry.Services is { Count: > 0 }
        || entry.Fqdns is { Count: > 0 }
        || entry.Entities?.Any(e => e.Value is "world" or "cluster" or "world-ipv4" or "world-ipv6") == true
        || (TrafficCoverage.IsAnyPeer(entry) && entry.ToPorts is { Count: > 0 });

    private static bool OpensDns(DirectionRule entry) =>
        entry.ToPorts is { Count: > 0 } ports ? ports.Any(IsDnsPort) : entry.Icmps is null or [] && MayHoldDnsServer(entry);

    /// <summary>For a rule that opens every port: is a DNS server likely among its peers?</summary>
    private static bool MayHoldDnsServer(DirectionRule entry) =>
        entry.Entities is { Count: > 0 }
        || entry.Cidrs is { Count: > 0 }
        || entry.CidrSets is { Count: > 0 }
        || entry.Services?.Any(s => s.ServiceName?.Value.Contains("dns", StringComparison.OrdinalIgnoreCase) ?? true) == true
        || entry.Endpoints?.Any(LooksLikeDns) == true;

    private static bool LooksLikeDns(SelectorSpec selector)
    {
        var text = SelectorCoverage.Text(selector);
        return text.Length == 0
            || text.Contains("dns", StringComparison.OrdinalIgnoreCase)
            || text.Contains("kube-system", StringComparison.Ordinal);
    }

    private static bool IsDnsPort(PortRule port) =>
        TrafficCoverage.Admits(port, 53, "UDP")
        || TrafficCoverage.Admits(port, 53, "TCP")
        || port.Rules?.Dns is { Count: > 0 }
        || port.Ports.Any(p => p.Port.Value is "dns" or "dns-tcp" or "domain");

    private static void FqdnsWithoutRule(LintReport report, PolicyDocument document, PolicyRule rule, List<AllowRule> covering)
    {
        var answered = covering
            .SelectMany(a => a.Entry.ToPorts ?? [])
            .SelectMany(p => p.Rules?.Dns ?? [])
            .ToList();
        foreach (var name in rule.Egress.SelectMany(e => e.Fqdns ?? []))
        {
            if ((name.MatchName ?? name.MatchPattern) is not { Value.Length: > 0 } wanted
                || answered.Any(a => DnsNamePattern.Admits(a, wanted.Value)))
            {
                continue;
            }

            report.Refuse(
                document,
                LintIds.FqdnWithoutDnsRule,
                wanted.Span,
                $"no dns rule admits \"{wanted.Value}\": addresses are learned from DNS answers seen through a dns rule, so this allows nothing",
                $"add rules: {{dns: [{{{(name.MatchName is null ? "matchPattern" : "matchName")}: \"{wanted.Value}\"}}]}} to the rule for port 53; policyproxy run adds it by itself");
        }
    }
}
