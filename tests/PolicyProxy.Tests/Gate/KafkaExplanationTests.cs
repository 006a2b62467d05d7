using System.Buffers;
using System.Text;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Protocols.Kafka;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Gate;

/// <summary>What explanations and flows say of Kafka requests agrees with the verdict.</summary>
public sealed class KafkaExplanationTests
{
    private static readonly KafkaLimits s_limits = KafkaLimits.Default with { Bodies = KafkaBodyScope.EveryKnownRequest };

    [Theory]
    [InlineData("{}")]
    [InlineData("{role: produce}")]
    [InlineData("{role: produce, topic: orders}")]
    [InlineData("{role: consume, topic: orders}")]
    [InlineData("{role: consume, topic: other, groupId: g}")]
    [InlineData("{role: consume, topic: orders, groupId: other}")]
    [InlineData("{role: produce, topic: orders, transactionalId: other}")]
    [InlineData("{apiKey: createtopics, topic: orders}")]
    [InlineData("{topic: orders}")]
    [InlineData("{groupId: g}")]
    [InlineData("{clientID: other}")]
    [InlineData("{apiVersion: '1', topic: orders}")]
    public void Explain_of_one_rule_says_matches_exactly_when_the_request_is_allowed(string rule)
    {
        foreach (var isCompatible in new[] { false, true })
        {
            using var gate = new TestGate(new PolicyCompilerOptions { CiliumCompatible = isCompatible }, Policy(rule));
            Assert.True(gate.First.Succeeded);
            for (short key = 0; key <= KafkaApi.MaxKey + 1; key++)
            {
                foreach (var version in new short[] { 0, 1, 9 })
                {
                    Explain_agrees(gate, key, version, "orders", "g", "x");
                    Explain_agrees(gate, key, version, "orders", "", "");
                    Explain_agrees(gate, key, version, "", "", "x");
                    Explain_agrees(gate, key, version, "", "", "");
                }
            }
        }
    }

    [Theory]
    [InlineData(KafkaApi.Produce, "payments", "", "topic \"payments\" is not \"orders\"")]
    [InlineData(KafkaApi.Produce, "audit", "", "apiKey produce is not deletetopics")] // a topic that fits tells more than a role that does
    [InlineData(KafkaApi.Fetch, "orders", "", "role produce does not include fetch")]
    [InlineData(KafkaApi.CreateTopics, "audit", "", "apiKey createtopics is not deletetopics")]
    [InlineData(11, "", "g", "role produce does not include joingroup")]
    [InlineData(11, "orders", "g", "role produce does not include joingroup")]
    [InlineData(6, "", "", "role produce does not include updatemetadata")]
    public void Flow_and_explanation_of_a_denial_name_the_nearest_rule_and_the_part_that_missed(short key, string topic, string group, string missed)
    {
        using var gate = new TestGate(Policy("{role: produce, topic: orders}, {apiKey: deletetopics, topic: audit}")).Observed();

        var explained = Explain(gate, key, 0, topic, group, "");
        var frame = Frame(key, 0, topic, group, "");
        Assert.True(KafkaRequest.TryParse(frame, s_limits, out var request, out _));
        _ = gate.Gate.Connect(gate.Ingress("app=kafka", "app=orders", 9092), out var permit);
        Assert.False(gate.Gate.Check(ref permit, new KafkaCall(request, null, new short[request.NameCount])).Allowed);

        Assert.Equal(missed, explained.Nearest!.Missed);
        Assert.Equal(explained.Nearest, gate.Flows().Single(static flow => flow.Type == FlowType.L7).Nearest);
        Assert.Equal(2, explained.Steps.Count(static step => step is { Stage: "kafka", Rule: not null }));
    }

    [Fact]
    public void Explain_says_which_names_a_rule_allows_where_several_rules_allow_a_request_together()
    {
        using var gate = new TestGate(Policy("{apiKey: offsetcommit, groupId: g, topic: other}, {apiKey: offsetcommit, topic: orders}"));

        var explained = Explain(gate, KafkaApi.OffsetCommit, 2, "orders", "g", "");

        Assert.True(explained.Final.Allowed);
        Assert.Equal(
            ["allows group \"g\"; topic \"orders\" is not \"other\"", "matches"],
            explained.Steps.Where(static step => step.Stage == "kafka").Select(static step => step.Text));
    }

    [Theory]
    [InlineData("payments", "topic \"payments\" is not \"notifications\"")]
    [InlineData("orders", "role produce does not include joingroup")] // a topic that fits tells more
    public void Explain_of_a_group_that_is_joined_in_vain_names_its_topic(string topic, string missed)
    {
        using var gate = new TestGate(Policy("{role: produce, topic: orders}, {role: consume, topic: notifications}, {role: consume, topic: other, apiVersion: '1'}"));

        var explained = Explain(gate, KafkaApi.JoinGroup, 5, topic, "g", "");

        Assert.False(explained.Final.Allowed);
        Assert.Equal(missed, explained.Nearest!.Missed);
        Assert.Contains($"group \"g\" gets error 29: nothing that it would be joined for may be consumed, such as topic \"{topic}\"", explained.Steps.Select(static step => step.Text));
        Assert.Contains($"topic \"{topic}\" is not \"other\"", explained.Steps.Select(static step => step.Text)); // whatever the version of JoinGroup
        Assert.DoesNotContain("matches", explained.Steps.Where(static step => step.Stage == "kafka").Select(static step => step.Text));
    }

    [Theory]
    [InlineData("{role: produce, topic: orders}", 6, "role produce does not include updatemetadata")]
    [InlineData("{topic: orders}", 6, "updatemetadata is for brokers among each other: it needs a rule without limits, or one for this apiKey")]
    [InlineData("{topic: orders}", 93, "93 version 0 cannot be read: it needs a rule without limits")]
    [InlineData("{topic: orders}", 16, "the rule is for names, and listgroups gives none")]
    public void Explain_says_why_limits_do_not_fit_a_request(string rule, short key, string missed)
    {
        using var gate = new TestGate(Policy(rule));

        Assert.Equal(missed, Explain(gate, key, 0, "", "", "").Nearest!.Missed);
    }

    private static void Explain_agrees(TestGate gate, short key, short version, string topic, string group, string transactionalId)
    {
        var explained = Explain(gate, key, version, topic, group, transactionalId);
        var step = explained.Steps.Single(static s => s is { Stage: "kafka", Rule: not null });
        var what = $"{step.Rule} {key} {version} {topic} {group} {transactionalId}: {step.Text}";

        Assert.True((step.Text == "matches") == explained.Final.Allowed, what);
        Assert.True(explained.Final.Allowed || explained.Nearest is { Missed.Length: > 0 }, what);
    }

    private static Explanation Explain(TestGate gate, short key, short version, string topic, string group, string transactionalId)
    {
        Assert.True(KafkaRequest.TryParse(Frame(key, version, topic, group, transactionalId), s_limits, out var request, out var error), $"{key} {version} {error}");
        return gate.Gate.Explain(gate.Ingress("app=kafka", "app=orders", 9092), new KafkaCall(request, null, new short[request.NameCount]));
    }

    private static byte[] Frame(short key, short version, string topic, string group, string transactionalId)
    {
        var output = new ArrayBufferWriter<byte>();
        var names = new KafkaPlainNames
        {
            ClientId = "c"u8,
            Topic = Encoding.UTF8.GetBytes(topic),
            Group = Encoding.UTF8.GetBytes(group),
            TransactionalId = Encoding.UTF8.GetBytes(transactionalId),
        };
        KafkaPlainRequest.Write(key, version, 7, names, output);
        return output.WrittenSpan[4..].ToArray();
    }

    private static string Policy(string rules) => $$$"""
        apiVersion: policyproxy.dev/v1alpha1
        kind: L7NetworkPolicy
        metadata: {name: kafka, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: kafka}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: orders}}]
            toPorts:
            - ports: [{port: "9092", protocol: TCP}]
              rules: {kafka: [{{{rules}}}]}
        """;
}
