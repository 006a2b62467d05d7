using System.Net;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Lints about peers and ports (semantics 2.4 to 2.7, 4.1).</summary>
internal static class PeerLints
{
    public static void Run(LintReport report, PolicyObjects objects)
    {
        foreach (var allow in RuleWalk.Allows(objects))
        {
            // Translated NetworkPolicies carry placeholders where the user wrote nothing.
            if (allow.Document.Kind != PolicyKind.NetworkPolicy)
            {
                IsolatesOnly(report, allow);
            }

            PortNames(report, allow);
        }

        foreach (var (document, entry) in RuleWalk.Entries(objects))
        {
            NegativeNamespace(report, document, entry);
            CidrContainsPods(report, objects, document, entry);
        }
    }

    private static void IsolatesOnly(LintReport report, AllowRule allow)
    {
        if (!TrafficCoverage.IsAnyPeer(allow.Entry) || allow.Entry.ToPorts is { Count: > 0 } || allow.Entry.Icmps is { Count: > 0 })
        {
            return;
        }

        const string Message = "an empty rule allows nothing here (in a Kubernetes NetworkPolicy it would allow everything)";
        var fix = $"write \"{allow.PeerField}Entities: [all]\" to allow everything";
        var siblings = allow.Direction == TrafficDirection.Ingress ? allow.Rule.Ingress : allow.Rule.Egress;
        if (siblings.Count > 1)
        {
            report.Warn(allow.Document, LintIds.IsolatesOnly, allow.Entry.Span, Message, fix + ", or remove it");
        }
        else
        {
            // Alone it is the usual way to isolate a workload.
            report.Inform(allow.Document, LintIds.IsolatesOnly, allow.Entry.Span, Message, fix + ", or keep it to isolate the workload");
        }
    }

    private static void PortNames(LintReport report, AllowRule allow)
    {
        if (allow.Direction != TrafficDirection.Egress
            || (allow.Entry.Cidrs, allow.Entry.CidrSets, allow.Entry.Fqdns) is (null, null, null))
        {
            return;
        }

        foreach (var port in (allow.Entry.ToPorts ?? []).SelectMany(p => p.Ports))
        {
            if (port.Port.Value.Length > 0 && !char.IsAsciiDigit(port.Port.Value[0]))
            {
                report.Warn(
                    allow.Document,
                    LintIds.PortNameWithoutPods,
                    port.Port.Span,
                    $"the port name \"{port.Port.Value}\" is looked up in pods, and addresses outside the cluster have none: the rule allows nothing",
                    "write the port number");
            }
        }
    }

    private static void NegativeNamespace(LintReport report, PolicyDocument document, DirectionRule entry)
    {
        if (document.Kind == PolicyKind.NetworkPolicy)
        {
            return;
        }

        foreach (var selector in entry.Endpoints ?? [])
        {
            var onNamespace = selector.MatchExpressions
                .Where(e => SelectorCoverage.PlainKey(e.Key.Value) == ReservedLabels.NamespaceKey)
                .ToList();
            if (onNamespace.Find(e => e.Operator.Value is "NotIn" or "DoesNotExist") is { } expression
                && !onNamespace.Exists(e => e.Operator.Value is "In" or "Exists"))
            {
                report.Warn(
                    document,
                    LintIds.NegativeNamespace,
                    expression.Span,
                    $"{expression.Operator.Value} on the namespace also holds for peers that have none: hosts and everything outside the cluster",
                    $"add the expression {{key: {ReservedLabels.NamespaceKey}, operator: Exists}}");
            }
        }
    }

    private static void CidrContainsPods(LintReport report, PolicyObjects objects, PolicyDocument document, DirectionRule entry)
    {
        var cidrs = (entry.Cidrs ?? []).Concat((entry.CidrSets ?? []).Where(s => s.Cidr is not null).Select(s => s.Cidr!.Value));
        foreach (var cidr in cidrs)
        {
            // A default route means "the outside" to everybody; only a narrower prefix looks like it names pods.
            if (!IpPrefix.TryParse(cidr.Value, out var prefix) || prefix.Length == 0)
            {
                continue;
            }

            var pod = objects.Pods.FirstOrDefault(p => p.Addresses.Any(a =>
                IPAddress.TryParse(a, out var address) && prefix.Contains(IpPrefix.Host(address))));
            if (pod is not null)
            {
                report.Warn(
                    document,
                    LintIds.CidrContainsPods,
                    cidr.Span,
                    $"{cidr.Value} contains pod {pod.Namespace}/{pod.Name}, but CIDR rules never select pods or nodes",
                    "select pods by their labels");
            }
        }
    }
}
