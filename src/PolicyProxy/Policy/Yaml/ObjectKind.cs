using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>What a document is, told from its <c>apiVersion</c> and <c>kind</c>.</summary>
internal enum ObjectKind
{
    /// <summary>Of no use for policy.</summary>
    NotUsed,

    /// <summary>Looks like policy but is not known: ignoring it would lose a rule.</summary>
    Unknown,
    Policy,
    CidrGroup,
    Pod,
    Namespace,
    Service,
    Endpoints,
    EndpointSlice,
    Node,
    Secret,
    Identity,
}

/// <summary>Recognises kinds.</summary>
internal static class ObjectKinds
{
    private static readonly (string Kind, string ApiVersion, ObjectKind Meaning, PolicyKind Policy)[] s_known =
    [
        ("CiliumNetworkPolicy", "cilium.io/v2", ObjectKind.Policy, PolicyKind.CiliumNetworkPolicy),
        ("CiliumClusterwideNetworkPolicy", "cilium.io/v2", ObjectKind.Policy, PolicyKind.CiliumClusterwideNetworkPolicy),
        ("NetworkPolicy", "networking.k8s.io/v1", ObjectKind.Policy, PolicyKind.NetworkPolicy),
        ("L7NetworkPolicy", "policyproxy.dev/v1alpha1", ObjectKind.Policy, PolicyKind.L7NetworkPolicy),
        ("L7ClusterwideNetworkPolicy", "policyproxy.dev/v1alpha1", ObjectKind.Policy, PolicyKind.L7ClusterwideNetworkPolicy),
        ("CiliumCIDRGroup", "cilium.io/v2", ObjectKind.CidrGroup, default),
        ("CiliumCIDRGroup", "cilium.io/v2alpha1", ObjectKind.CidrGroup, default),
        ("Pod", "v1", ObjectKind.Pod, default),
        ("Namespace", "v1", ObjectKind.Namespace, default),
        ("Service", "v1", ObjectKind.Service, default),
        ("Endpoints", "v1", ObjectKind.Endpoints, default),
        ("EndpointSlice", "discovery.k8s.io/v1", ObjectKind.EndpointSlice, default),
        ("Node", "v1", ObjectKind.Node, default),
        ("Secret", "v1", ObjectKind.Secret, default),
        ("CiliumIdentity", "cilium.io/v2", ObjectKind.Identity, default),
    ];

    /// <summary>Cilium's kinds whose name says policy but which grant and deny nothing.</summary>
    private static readonly string[] s_otherCiliumPolicies =
    [
        "CiliumLocalRedirectPolicy", "CiliumEgressGatewayPolicy", "CiliumBGPPeeringPolicy", "CiliumL2AnnouncementPolicy",
    ];

    public static (ObjectKind Meaning, PolicyKind Policy) Recognise(string apiVersion, string kind)
    {
        foreach (var known in s_known)
        {
            if (known.Kind == kind && known.ApiVersion == apiVersion)
            {
                return (known.Meaning, known.Policy);
            }
        }

        return (LooksLikePolicy(apiVersion, kind) ? ObjectKind.Unknown : ObjectKind.NotUsed, default);
    }

    /// <summary>What to write instead of an unknown kind; empty when nothing is close.</summary>
    public static string Suggest(string apiVersion, string kind)
    {
        var nearest = FieldNames.Nearest(kind, s_known.Select(static k => k.Kind));
        var match = Array.Find(s_known, k => k.Kind == nearest);
        return nearest is null ? "" : nearest == kind && match.ApiVersion != apiVersion
            ? $"use apiVersion {match.ApiVersion}"
            : $"did you mean {nearest} ({match.ApiVersion})?";
    }

    private static bool LooksLikePolicy(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : apiVersion[..slash];
        return group switch
        {
            "policyproxy.dev" => true,
            "cilium.io" => !s_otherCiliumPolicies.Contains(kind) &&
                (kind.Contains("Policy", StringComparison.OrdinalIgnoreCase) ||
                 kind.Contains("CIDRGroup", StringComparison.OrdinalIgnoreCase) ||
                 NearestPolicy(kind) is not null),
            "networking.k8s.io" or "policy.networking.k8s.io" or "extensions" =>
                kind.Contains("NetworkPolicy", StringComparison.OrdinalIgnoreCase) || NearestPolicy(kind) is not null,
            _ => kind is "CiliumNetworkPolicy" or "CiliumClusterwideNetworkPolicy" or "CiliumCIDRGroup" || (group.Length == 0 && kind == "NetworkPolicy"),
        };
    }

    private static string? NearestPolicy(string kind) =>
        FieldNames.Nearest(kind, s_known.Where(static k => k.Meaning is ObjectKind.Policy or ObjectKind.CidrGroup).Select(static k => k.Kind));
}
