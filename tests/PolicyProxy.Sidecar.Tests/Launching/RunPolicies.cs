namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>Policies for <c>run</c>.</summary>
internal static class RunPolicies
{
    /// <summary>Denies app=worker everything but one method on one port.</summary>
    public const string Worker = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: worker}
        spec:
          endpointSelector: {matchLabels: {app: worker}}
          egress:
          - toCIDR: [203.0.113.0/24]
            toPorts:
            - ports: [{port: "80", protocol: TCP}]
              rules:
                http:
                - method: GET
                  path: /public
        """;
}
