using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Policy.Compilation;

/// <summary>Realises all rules that select one subject: default deny, merging, the entries below the Normal tier (semantics 3, 4.5).</summary>
internal sealed class EndpointRealiser(IReadOnlyList<CompiledRule> rules, PolicyCompilerOptions options)
{
    private static readonly RuleOrigin DefaultAllow = new("PolicyProxy", string.Empty, "default", "enableDefaultDeny", "-", 0, 0);
    private static readonly RuleOrigin LocalHost = new("PolicyProxy", string.Empty, "allow-localhost", "semantics 3.4", "-", 0, 0);

    public EndpointPolicy Realise(Identity subject)
    {
        var all = Realise(subject, rules);
        return rules.Any(r => r.Audit && r.Selects(subject))
            ? new EndpointPolicy(subject, all.Ingress, all.Egress, all.Error)
            {
                ErrorOrigin = all.ErrorOrigin,
                Enforced = Realise(subject, [.. rules.Where(r => !r.Audit)]),
            }
            : all;
    }

    private EndpointPolicy Realise(Identity subject, IReadOnlyList<CompiledRule> among)
    {
        var selecting = options.Enforcement == EnforcementMode.Never ? [] : among.Where(r => r.Selects(subject)).ToArray();
        var ingress = Realise(TrafficDirection.Ingress, subject, selecting, out var ingressError);
        var egress = Realise(TrafficDirection.Egress, subject, selecting, out var egressError);
        var error = ingressError ?? egressError;
        return new EndpointPolicy(subject, ingress, egress, error?.Text ?? string.Empty) { ErrorOrigin = error?.Origin };
    }

    private DirectionPolicy Realise(TrafficDirection direction, Identity subject, IReadOnlyList<CompiledRule> selecting, out Conflict? error)
    {
        error = null;
        var elements = selecting.SelectMany(r => r.Of(direction).Rules).ToArray();
        var always = options.Enforcement == EnforcementMode.Always || (subject.IsInit && options.Enforcement != EnforcementMode.Never);
        if (elements.Length == 0 && !always)
        {
            return DirectionPolicy.Open;
        }

        var isDefaultDeny = always || selecting.Any(r => r.Of(direction).DefaultDeny && r.Of(direction).Rules.Count > 0);
        error = selecting.Where(r => r.Error.Length > 0).Select(r => new Conflict(r.Error, r.Origin)).FirstOrDefault();
        var map = Merge(elements, ref error);
        if (!isDefaultDeny)
        {
            map = [.. map.Select(e => e with { Policy = SelectorPolicyMerge.AppendMatchAll(e.Policy, DefaultAllow) })];
            map.Add(LowestTier(WildcardSelector.Instance, DefaultAllow));
        }
        else if (direction == TrafficDirection.Ingress && elements.Length > 0 && !subject.IsHost)
        {
            map.Add(LowestTier(LabelSelector.Reserved(ReservedLabels.Host), LocalHost));
        }

        return new DirectionPolicy(direction, isEnforced: true, isDefaultDeny, map, [.. elements.Select(e => e.Origin)])
        {
            IsCiliumCompatible = options.CiliumCompatible,
        };
    }

    private static List<PolicyMapEntry> Merge(IEnumerable<CompiledDirectionRule> elements, ref Conflict? error)
    {
        var map = new List<PolicyMapEntry>();
        var index = new Dictionary<(PortKey, string), int>();

        // Denials first: where one stands there is nothing left to contradict.
        foreach (var entry in elements.SelectMany(e => e.Entries).OrderByDescending(e => e.Policy.Deny))
        {
            foreach (var selector in entry.Selectors)
            {
                if (!index.TryGetValue((entry.Port, selector.Text), out var at))
                {
                    index[(entry.Port, selector.Text)] = map.Count;
                    map.Add(new PolicyMapEntry(entry.Port, selector, entry.Policy, DefaultTier: false));
                }
                else if (SelectorPolicyMerge.TryMerge(map[at].Policy, entry.Policy, out var merged, out var conflict))
                {
                    map[at] = map[at] with { Policy = merged };
                }
                else
                {
                    var text = $"{conflict} ({entry.Port}, peers {selector}): {map[at].Policy.Origins[0]} and {entry.Policy.Origins[0]}";
                    error ??= new Conflict(text, entry.Policy.Origins[0]);
                }
            }
        }

        return map;
    }

    private sealed record Conflict(string Text, RuleOrigin Origin);

    private static PolicyMapEntry LowestTier(PeerSelector selector, RuleOrigin origin) =>
        new(PortKey.All, selector, new SelectorPolicy { Origins = [origin] }, DefaultTier: true);
}
