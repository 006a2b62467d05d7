using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates <c>rules</c> against the ports and direction they stand in (semantics 1.5, 1.7).</summary>
internal static class L7RulesValidator
{
    public static void Validate(PortRule port, DirectionRuleContext context, ValidationScope scope)
    {
        if (port.Rules is not { } rules)
        {
            return;
        }

        if (rules.Count == 0)
        {
            scope.Warning(
                PolicyDiagnosticIds.EmptyL7Rules, rules.Span, $"{port.Path}.rules has no rule: the port is open without layer 7 checks", "remove rules, or add a rule");
            return;
        }

        if (!scope.Options.L7Rules)
        {
            scope.Error(PolicyDiagnosticIds.L7Disabled, rules.Span, $"{port.Path}.rules: layer 7 rules are switched off", "switch layer 7 rules on");
        }

        CheckOneKind(port, rules, scope);
        CheckDirection(port, rules, context, scope);
        CheckPorts(port, rules, scope);
        foreach (var rule in rules.Http ?? [])
        {
            HttpRuleValidator.Validate(rule, scope);
        }

        foreach (var rule in rules.Dns ?? [])
        {
            DnsRuleValidator.Query(rule, scope);
        }

        foreach (var rule in rules.Kafka ?? [])
        {
            KafkaRuleValidator.Validate(rule, scope);
        }

        foreach (var rule in rules.Grpc ?? [])
        {
            GrpcRuleValidator.Validate(rule, scope);
        }

        if (rules.Kafka is { Count: > 0 } kafka && !context.IsExtension)
        {
            scope.Warning(
                PolicyDiagnosticIds.KafkaDeprecated, kafka[0].Span, "Kafka rules are not in cilium.io/v2 since Cilium 1.20: a cluster would drop them and open the port", "use kind L7NetworkPolicy of policyproxy.dev/v1alpha1");
        }
    }

    /// <summary>Counts present members: next to a rule even an empty list of another protocol is a second kind.</summary>
    private static void CheckOneKind(PortRule port, L7Rules rules, ValidationScope scope)
    {
        string[] kinds =
        [
            .. rules.Http is null ? Array.Empty<string>() : ["http"],
            .. rules.Dns is null ? Array.Empty<string>() : ["dns"],
            .. rules.Kafka is null ? Array.Empty<string>() : ["kafka"],
            .. rules.Grpc is null ? Array.Empty<string>() : ["grpc"],
        ];
        if (kinds.Length > 1)
        {
            scope.Error(
                PolicyDiagnosticIds.L7KindsCombined, rules.Span, $"{port.Path}.rules combines {string.Join(" and ", kinds)}", "give each protocol its own element of toPorts");
        }
    }

    private static void CheckDirection(PortRule port, L7Rules rules, DirectionRuleContext context, ValidationScope scope)
    {
        var hasDns = rules.Dns is { Count: > 0 };
        if (hasDns && !context.IsEgress)
        {
            scope.Error(PolicyDiagnosticIds.DnsOnIngress, rules.Span, $"{port.Path}.rules.dns is not allowed on ingress", "move the rule to egress of the pods that ask");
        }

        if (context.IsNodePolicy && (!context.IsEgress || rules.Count > (rules.Dns?.Count ?? 0)))
        {
            scope.Error(
                PolicyDiagnosticIds.L7OnHost, rules.Span, $"{port.Path}.rules: a policy with nodeSelector can only carry DNS rules on egress", "remove the layer 7 rules");
        }
    }

    private static void CheckPorts(PortRule port, L7Rules rules, ValidationScope scope)
    {
        var hasDns = rules.Dns is { Count: > 0 };
        if (rules.Dns is not null && port.Ports.Count == 0)
        {
            scope.Error(PolicyDiagnosticIds.DnsPorts, rules.Span, $"{port.Path}.rules.dns needs ports", "add the port of the DNS server, usually \"53\" with protocol ANY");
        }

        foreach (var entry in port.Ports)
        {
            var numbered = PortSyntax.TryParse(entry.Port.Value, out var name) && !name.IsNamed;
            if (numbered && name.Number == 0)
            {
                scope.Error(PolicyDiagnosticIds.L7OnPortZero, entry.Port.Span, $"{port.Path} has layer 7 rules on port 0", "name the port");
            }

            if (hasDns && numbered && entry.EndPort > name.Number)
            {
                scope.Error(PolicyDiagnosticIds.DnsPorts, entry.Span, $"{port.Path}.rules.dns does not support port ranges", "list the ports one by one");
            }

            if (!hasDns && TransportSyntax.TryParse(entry.Protocol.Value, out var protocol) && protocol != TransportProtocol.Tcp)
            {
                scope.Error(
                    PolicyDiagnosticIds.L7NeedsTcp,
                    entry.Protocol.Span,
                    $"{port.Path} has layer 7 rules on {(entry.Protocol.Value.Length == 0 ? "protocol ANY" : entry.Protocol.Value)}: they need TCP",
                    "write \"protocol: TCP\"");
            }
        }
    }
}
