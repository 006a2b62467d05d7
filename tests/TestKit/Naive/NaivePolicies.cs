using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>
/// A second reading of the policy semantics (sections 1-8), kept apart from the compiled engine: lists, loops and no index.
/// The two must always agree. Thread-safe.
/// </summary>
internal sealed class NaivePolicies(IReadOnlyList<PolicyDocument> policies, NaiveSettings settings)
{
    /// <summary>The answer for one flow.</summary>
    public FlowAnswer Evaluate(FlowQuestion flow) => For(flow.Subject).Evaluate(flow);

    /// <summary>The policy of one subject; keep it when many flows of the subject are asked about.</summary>
    public NaiveEndpoint For(FlowParty subject) =>
        new(settings, Direction(subject, TrafficDirection.Ingress), Direction(subject, TrafficDirection.Egress));

    private NaiveDirection Direction(FlowParty subject, TrafficDirection direction)
    {
        var alwaysDenies = subject.Is(ReservedLabels.Init) || settings.Enforcement == EnforcementMode.Always;
        var entries = settings.Enforcement == EnforcementMode.Never ? [] : Entries(subject, direction).ToList();
        var isEnforced = settings.Enforcement != EnforcementMode.Never && (entries.Count > 0 || alwaysDenies);
        return new NaiveDirection(direction, entries, isEnforced, entries.Any(e => e.DefaultDeny) || alwaysDenies);
    }

    /// <summary>semantics 3.2, 3.3: every element of a rule that selects the subject is an entry.</summary>
    private IEnumerable<NaiveEntry> Entries(FlowParty subject, TrafficDirection direction)
    {
        foreach (var policy in policies)
        {
            foreach (var rule in policy.Rules.Where(r => SelectsSubject(policy, r, subject)))
            {
                var isIngress = direction == TrafficDirection.Ingress;
                var allow = isIngress ? rule.Ingress : rule.Egress;
                var deny = isIngress ? rule.IngressDeny : rule.EgressDeny;
                var defaultDeny = (isIngress ? rule.DefaultDenyIngress : rule.DefaultDenyEgress) ?? allow.Count + deny.Count > 0;
                var peers = new NaivePeers(settings, policy, rule);
                foreach (var element in deny)
                {
                    yield return new NaiveEntry(true, defaultDeny, null, peers.Of(element), NaivePort.Of(element));
                }

                foreach (var element in allow)
                {
                    var ports = NaivePort.Of(element);
                    yield return new NaiveEntry(false, defaultDeny, element.AuthenticationMode?.Value, peers.Of(element), ports)
                    {
                        Namespace = policy.Namespace ?? "",
                        IsClusterwide = policy.Namespace is null,
                    };
                }
            }
        }
    }

    /// <summary>semantics 2.4: a namespaced policy only selects its namespace, and no endpoint rule selects the host.</summary>
    private static bool SelectsSubject(PolicyDocument policy, PolicyRule rule, FlowParty subject)
    {
        if (rule.EndpointSelector is null || subject.Is(ReservedLabels.Host))
        {
            return false;
        }

        var written = rule.EndpointSelector;
        if (policy.Namespace is null)
        {
            return Requirement.ReadAll(written, "any").All(r => r.Holds(subject.Labels));
        }

        // a namespace written with the k8s source is replaced, one written without source stays
        var kept = written with { MatchLabels = [.. written.MatchLabels.Where(l => l.Key.Value != "k8s:" + Requirement.Namespace)] };
        return Requirement.ReadAll(kept, rule.SelectorsAreScoped ? "k8s" : "any")
            .Append(Requirement.Equal("k8s", Requirement.Namespace, policy.Namespace))
            .All(r => r.Holds(subject.Labels));
    }
}
