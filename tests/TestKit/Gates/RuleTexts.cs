using System.Text;

namespace PolicyProxy.TestKit.Gates;

/// <summary>Policies with many HTTP rules, for cost and size tests.</summary>
internal static class RuleTexts
{
    public const ushort Port = 8080;

    /// <summary>One policy on app=api whose peers are app=web, with the given paths.</summary>
    public static string Policy(IEnumerable<string> paths)
    {
        var yaml = new StringBuilder($$$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: api, namespace: default}
            spec:
              endpointSelector: {matchLabels: {app: api}}
              ingress:
              - fromEndpoints: [{matchLabels: {app: web}}]
                toPorts:
                - ports: [{port: "{{{Port}}}", protocol: TCP}]
                  rules:
                    http:

            """);
        foreach (var path in paths)
        {
            _ = yaml.Append("        - {method: GET, path: '").Append(path).AppendLine("'}");
        }

        return yaml.ToString();
    }

    /// <summary>Four literals to one prefix, all with their own first segment.</summary>
    public static IEnumerable<string> ExactAndPrefix(int count) =>
        Enumerable.Range(0, count).Select(i => i % 5 == 0 ? $"/svc{i}/api/v1/.*" : $"/svc{i}/api/health");

    /// <summary>Expressions no table can hold.</summary>
    public static IEnumerable<string> General(int count) => Enumerable.Range(0, count).Select(i => $"/svc{i}/users/[0-9]+/orders(/.*)?");
}
