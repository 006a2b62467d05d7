namespace PolicyProxy.Kafka.Tests;

/// <summary>The policy of the brokers of these tests: one list of rules, for whoever asks.</summary>
internal static class KafkaPolicy
{
    /// <param name="rules">The list under <c>kafka</c>, in YAML's flow style.</param>
    public static string Of(string rules) => $"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: kafka
          namespace: default
        spec:
          endpointSelector:
            matchLabels:
              app: kafka
          ingress:
          - toPorts:
            - ports:
              - port: "9092"
                protocol: TCP
              rules:
                kafka: {rules}
        """;
}
