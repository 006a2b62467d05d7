using PolicyProxy.Policy.Identities;

namespace PolicyProxy.TestKit.Naive;

/// <summary>The merged policy of a subject in one direction (semantics 4.5).</summary>
internal sealed class NaiveDirection
{
    public NaiveDirection(TrafficDirection direction, IReadOnlyList<NaiveEntry> entries, bool isEnforced, bool deniesByDefault)
    {
        IsEnforced = isEnforced;
        DeniesByDefault = deniesByDefault;
        var merged = new Dictionary<(PortKey Port, string Selector), NaiveRule>();
        // deny entries first: what a selector may not do at all cannot be in conflict
        foreach (var entry in entries.OrderByDescending(e => e.Deny))
        {
            foreach (var port in entry.Ports)
            {
                foreach (var selector in entry.Peers)
                {
                    Add(merged, entry, port, selector);
                }
            }
        }

        Rules = [.. merged.Values];
        if (!deniesByDefault)
        {
            Rules = [.. Rules.Select(r => r with { Policy = r.Policy.WithoutDefaultDeny() }), NaiveRule.LastResort(new LabelsSelector([]))];
        }
        else if (direction == TrafficDirection.Ingress && entries.Count > 0)
        {
            Rules = [.. Rules, NaiveRule.LastResort(new LabelsSelector([Requirement.Equal("reserved", ReservedLabels.Host, "")]))];
        }
    }

    public bool IsEnforced { get; }

    public bool DeniesByDefault { get; }

    public IReadOnlyList<NaiveRule> Rules { get; }

    /// <summary>Why the policy cannot be realised; null when it can.</summary>
    public string? Conflict { get; private set; }

    private void Add(Dictionary<(PortKey Port, string Selector), NaiveRule> merged, NaiveEntry entry, NaivePort port, NaiveSelector selector)
    {
        try
        {
            if (entry.IsClusterwide && port.Rule?.Listener?.EnvoyConfigKind == "CiliumEnvoyConfig")
            {
                throw new PolicyConflictException("a clusterwide policy with a namespaced listener");
            }

            var policy = PeerPolicy.Of(entry, port.Rule);
            var key = (port.Key, selector.Text);
            merged[key] = merged.TryGetValue(key, out var existing)
                ? existing with { Policy = existing.Policy.Merge(policy) }
                : new NaiveRule(port.Key, selector, policy, entry.Namespace, Tier: 0);
        }
        catch (PolicyConflictException conflict)
        {
            Conflict ??= conflict.Message;
        }
    }
}

/// <summary>One selector's policy on one port. <paramref name="Tier"/> 1 is the last resort: default allow, local host.</summary>
/// <param name="Namespace">Where the first policy with the rule lives; secrets without namespace are looked up there.</param>
internal sealed record NaiveRule(PortKey Port, NaiveSelector Selector, PeerPolicy Policy, string Namespace, int Tier)
{
    public static NaiveRule LastResort(NaiveSelector selector) =>
        new(new PortKey(null, 0, 0, TransportProtocol.Any), selector, new PeerPolicy(), "", Tier: 1);

    public bool Covers(FlowQuestion flow) => Port.Covers(flow) && Selector.Selects(flow.Peer);
}
