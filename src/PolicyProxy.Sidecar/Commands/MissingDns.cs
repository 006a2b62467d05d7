using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Finds rules by DNS name in the policies of a sidecar that is not told to take DNS queries: it judges neither queries nor what they open.</summary>
internal static class MissingDns
{
    /// <summary>The warning, which names a rule and the options; empty if there is nothing to warn of.</summary>
    /// <param name="engine">The policies.</param>
    /// <param name="labels">The sidecar's labels.</param>
    public static string WarningFor(PolicyEngine engine, LabelSet labels)
    {
        var subject = engine.Identities.GetWorkload(labels);
        var rule = engine.State?.Policy.Rules.Where(rule => rule.Selects(subject)).SelectMany(static rule => rule.Egress.Rules)
            .FirstOrDefault(static rule => rule.Entries.Any(static entry => entry.Policy.Dns.Count > 0 || entry.Selectors.OfType<FqdnSelector>().Any()));
        return rule is null ? string.Empty : $"{rule.Origin} is for DNS names, and no DNS query comes here: use --dns-listen with --dns-upstream, or --transparent";
    }
}
