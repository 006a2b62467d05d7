using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes a policy object of any kind (semantics 1.1).</summary>
internal static class PolicyDecoder
{
    /// <summary>Annotation that makes a policy report instead of enforce.</summary>
    private const string AuditAnnotation = "policyproxy.dev/audit";

    public static PolicyDocument Decode(FieldReader root, PolicyKind kind, int objectIndex, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        var clusterwide = kind is PolicyKind.CiliumClusterwideNetworkPolicy or PolicyKind.L7ClusterwideNetworkPolicy;
        if (clusterwide && metadata.Namespace is not null)
        {
            scope.Warning(
                PolicyDiagnosticIds.NamespaceIgnored, metadata.Span, $"{kind} is clusterwide: namespace \"{metadata.Namespace}\" is ignored", "remove metadata.namespace");
        }

        var ns = clusterwide ? null : metadata.Namespace ?? scope.Options.DefaultNamespace;
        var rules = kind == PolicyKind.NetworkPolicy ? NetworkPolicyRules(root, ns!, scope) : Rules(root, scope);
        root.Ignore("status");
        root.Close();
        return new PolicyDocument
        {
            Kind = kind,
            Name = metadata.Name,
            Namespace = ns,
            Span = root.Span,
            ObjectIndex = objectIndex,
            Rules = rules,
            Annotations = metadata.Annotations,
            Audit = metadata.Annotations.TryGetValue(AuditAnnotation, out var audit) && audit == "true",
        };
    }

    private static List<PolicyRule> Rules(FieldReader root, DecodeScope scope)
    {
        var rules = new List<PolicyRule>();
        if (root.Raw("spec") is { } spec && RuleDecoder.Decode(spec, "spec", scope) is { } rule)
        {
            rules.Add(rule);
        }

        var specs = root.List("specs", RuleDecoder.Decode);
        rules.AddRange(specs ?? []);
        if (root.Find("spec") is null && root.Find("specs") is null)
        {
            scope.Error(PolicyDiagnosticIds.MissingField, root.Span, "the policy has neither spec nor specs", "add a spec");
        }

        return rules;
    }

    private static IReadOnlyList<PolicyRule> NetworkPolicyRules(FieldReader root, string ns, DecodeScope scope)
    {
        if (root.Raw("spec") is not { } value)
        {
            scope.Error(PolicyDiagnosticIds.MissingField, root.Span, "the policy has no spec", "add a spec");
            return [];
        }

        return NetworkPolicyDecoder.Decode(value, scope) is { } spec
            ? [NetworkPolicyTranslator.Translate(spec, ns, scope.Options.ClusterName)]
            : [];
    }
}
