using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Protocols.Kafka;
using PolicyProxy.TestKit.Gates;
using PolicyProxy.TestKit.Judges;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.Tests.Gate;

/// <summary>Kafka requests judged name by name (ADR-0010).</summary>
public sealed class KafkaJudgeTests
{
    private const string Seed = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: kafka, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: kafka}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: orders}}]
            toPorts:
            - ports: [{port: "9092", protocol: TCP}]
              rules: {kafka: [{role: produce, topic: orders}]}
          - fromEndpoints: [{matchLabels: {app: notifications}}]
            toPorts:
            - ports: [{port: "9092", protocol: TCP}]
              rules: {kafka: [{role: consume, topic: notifications}]}
          - fromEndpoints: [{matchLabels: {app: admin}}]
            toPorts:
            - ports: [{port: "9092", protocol: TCP}]
              rules: {kafka: [{apiKey: createtopics, topic: orders}, {topic: audit}]}
          - fromEndpoints: [{matchLabels: {app: broker}}]
            toPorts:
            - ports: [{port: "9092", protocol: TCP}]
              rules: {kafka: [{}]}
        """;

    private static readonly KafkaLimits s_limits = KafkaLimits.Default with { Bodies = KafkaBodyScope.EveryKnownRequest };

    private const short Produce = 0;
    private const short Fetch = 1;
    private const short Metadata = 3;
    private const short JoinGroup = 11;
    private const short CreateTopics = 19;
    private const short InitProducerId = 22;

    [Theory]
    [InlineData("orders", Produce, "orders", "0")]
    [InlineData("orders", Produce, "audit", "29")]
    [InlineData("orders", Produce, "orders audit orders", "0 29 0")]
    [InlineData("orders", Produce, "ORDERS orders. Orders order orderss", "29 29 29 29 29")]
    [InlineData("orders", Fetch, "orders", "29")]
    [InlineData("orders", Metadata, "orders audit", "0 29")]
    [InlineData("orders", CreateTopics, "orders", "29")]
    [InlineData("notifications", Fetch, "notifications orders", "0 29")]
    [InlineData("notifications", Produce, "notifications", "29")]
    [InlineData("notifications", Metadata, "notifications", "0")]
    [InlineData("admin", CreateTopics, "orders audit other", "0 0 29")]
    [InlineData("admin", Produce, "orders audit", "29 0")]
    [InlineData("broker", Produce, "anything", "0")]
    public void Check_judges_topic_by_topic(string client, short key, string topics, string errors)
    {
        using var gate = new TestGate(Seed);

        Assert.Equal(errors, Judge(gate, client, new KafkaQuestion(key, 0, "c", topics.Split(' ')), out var verdict));
        Assert.Equal(errors.Split(' ').All(static e => e == "0"), verdict.Allowed);
    }

    [Theory]
    [InlineData("orders", "30")]
    [InlineData("notifications", "0")]
    [InlineData("admin", "0")]
    public void Check_lets_consumers_join_groups(string client, string errors)
    {
        using var gate = new TestGate(Seed);

        Assert.Equal(errors, Judge(gate, client, new KafkaQuestion(JoinGroup, 0, "c", []) { GroupId = "g" }, out _));
    }

    [Theory]
    [InlineData("orders", "orders", "30")]
    [InlineData("notifications", "", "0")]
    [InlineData("notifications", "notifications", "0")]
    [InlineData("notifications", "orders", "29")]
    [InlineData("notifications", "orders audit", "29")]
    [InlineData("notifications", "orders notifications", "0")] // what is fetched is judged
    [InlineData("notifications", "Notifications notification notificationss", "29")]
    [InlineData("admin", "audit", "0")]
    [InlineData("admin", "orders", "29")]
    [InlineData("broker", "anything", "0")]
    public void Check_lets_no_group_form_for_topics_of_which_none_may_be_consumed(string client, string topics, string errors)
    {
        using var gate = new TestGate(Seed);

        Assert.Equal(errors, Judge(gate, client, Joining(topics), out var verdict));
        Assert.Equal(errors == "0", verdict.Allowed);
    }

    /// <summary>Whatever lets a client have a topic in some other way than by its role: the group may form.</summary>
    [Theory]
    [InlineData("{apiKey: joingroup}", "0")]
    [InlineData("{apiKey: joingroup, topic: orders}", "0")]
    [InlineData("{apiKey: joingroup, topic: audit}", "29")]
    [InlineData("{apiKey: fetch, topic: orders}, {role: consume, topic: audit}", "0")]
    [InlineData("{apiKey: offsetfetch, topic: orders}, {role: consume, topic: audit}", "0")]
    [InlineData("{apiKey: offsets, topic: orders}, {role: consume, topic: audit}", "29")]
    [InlineData("{role: produce, topic: orders}, {role: consume, topic: audit}", "29")]
    [InlineData("{role: consume, topic: orders, apiVersion: '11'}, {role: consume, topic: audit}", "0")] // of Fetch, perhaps
    [InlineData("{role: consume, topic: orders, clientID: c}, {role: consume, topic: audit}", "0")]
    [InlineData("{role: consume, topic: orders, clientID: other}, {role: consume, topic: audit}", "29")]
    [InlineData("{role: consume, topic: orders, groupId: g}, {role: consume, topic: audit}", "0")]
    [InlineData("{role: consume, topic: orders, groupId: other}, {role: consume, topic: audit}", "29")]
    [InlineData("{groupId: g}", "0")]
    public void Check_of_a_group_looks_at_every_rule_that_may_give_its_topics(string rules, string errors)
    {
        using var gate = new TestGate(Seed.Replace("{role: consume, topic: notifications}", rules, StringComparison.Ordinal)
            .Replace("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy", "apiVersion: policyproxy.dev/v1alpha1\nkind: L7NetworkPolicy", StringComparison.Ordinal));
        Assert.True(gate.First.Succeeded);

        Assert.Equal(errors, Judge(gate, "notifications", Joining("orders"), out _));
    }

    [Theory]
    [InlineData("__consumer_offsets", "29")]
    [InlineData("orders", "0")]
    public void Check_keeps_groups_from_forming_for_the_topics_of_the_brokers(string topic, string errors)
    {
        using var gate = new TestGate(Seed.Replace("role: consume, topic: notifications", "role: consume", StringComparison.Ordinal));

        Assert.Equal(errors, Judge(gate, "notifications", Joining(topic), out _));
    }

    [Fact]
    public void Check_as_cilium_looks_into_no_subscription()
    {
        using var gate = new TestGate(new PolicyCompilerOptions { CiliumCompatible = true }, Seed);

        Assert.Equal("0", Judge(gate, "notifications", Joining("orders"), out var verdict));
        Assert.True(verdict.Allowed);
    }

    [Fact]
    public void Check_of_a_group_that_is_joined_in_vain_leaves_a_flow_for_each_topic_with_the_nearest_rule()
    {
        using var gate = new TestGate(Seed.Replace("{role: consume, topic: notifications}", "{role: consume, topic: notifications}, {role: produce, topic: audit}", StringComparison.Ordinal))
            .Observed();
        var permit = Connect(gate, "notifications");
        _ = Judge(gate, ref permit, Joining("orders audit"), out _);

        Assert.Equal(
            [
                "Dropped joingroup orders 29, group g: topic \"orders\" is not \"notifications\"",
                "Dropped joingroup audit 29, group g: role produce does not include joingroup",
            ],
            gate.Flows().Where(static flow => flow.Type == FlowType.L7).Select(static flow => (flow, L7: (KafkaRecord)flow.L7!)).Select(static pair =>
                $"{pair.flow.Verdict} {pair.L7.ApiKey} {pair.L7.Topic} {pair.L7.ErrorCode}, {pair.flow.Note}: {pair.flow.Nearest?.Missed}"));
    }

    [Fact]
    public void Check_of_a_group_for_very_many_topics_leaves_as_many_flows_as_of_any_request()
    {
        using var gate = new TestGate(Seed).Observed();
        var permit = Connect(gate, "notifications");
        _ = Judge(gate, ref permit, Joining(string.Join(' ', Enumerable.Range(0, 300))), out _);

        var flows = gate.Flows().Where(static flow => flow.Type == FlowType.L7).ToArray();
        Assert.Equal(257, flows.Length);
        Assert.Equal("600 topics, of which 256 are shown", flows[^1].Note);
        Assert.Equal(8, flows.Count(static flow => flow.Nearest is not null));
    }

    [Fact]
    public void Check_of_a_group_that_may_form_allocates_nothing()
    {
        using var gate = new TestGate(Seed);
        var permit = Connect(gate, "notifications");
        Assert.True(KafkaRequest.TryParse(KafkaFrame.Write(Joining("audit notifications")), s_limits, out var request, out _));
        var errors = new short[request.NameCount];
        long allocated = 0;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(gate.Gate.Check(ref permit, new KafkaCall(request, names: null, errors)).Allowed);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Theory]
    [InlineData("orders", InitProducerId, true)] // of every idempotent producer
    [InlineData("notifications", InitProducerId, false)]
    [InlineData("orders", 18, true)]
    [InlineData("notifications", 36, true)] // SASL
    [InlineData("orders", 60, true)] // DescribeCluster
    [InlineData("orders", 16, false)] // ListGroups
    [InlineData("admin", 16, false)] // a rule that is for a topic does not open what names none
    [InlineData("orders", 6, false)] // UpdateMetadata, between brokers
    [InlineData("admin", 6, false)]
    [InlineData("broker", 6, true)]
    [InlineData("orders", 58, false)] // Envelope: any request inside
    [InlineData("orders", 4711, false)] // not known
    [InlineData("broker", 4711, true)]
    public void Check_judges_requests_that_name_nothing(string client, short key, bool allowed)
    {
        using var gate = new TestGate(Seed);

        _ = Judge(gate, client, new KafkaQuestion(key, 0, "c", []), out var verdict);

        Assert.Equal(allowed, verdict.Allowed);
    }

    [Theory]
    [InlineData("g1", "0 0")]
    [InlineData("g2", "30 30")]
    public void Check_denies_what_is_done_in_a_denied_group(string group, string errors)
    {
        using var gate = new TestGate(Seed.Replace("role: consume, topic", "role: consume, groupId: g1, topic", StringComparison.Ordinal)
            .Replace("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy", "apiVersion: policyproxy.dev/v1alpha1\nkind: L7NetworkPolicy", StringComparison.Ordinal));
        Assert.True(gate.First.Succeeded);

        Assert.Equal(errors, Judge(gate, "notifications", new KafkaQuestion(8, 0, "c", ["notifications"]) { GroupId = group }, out _));
    }

    [Theory]
    [InlineData("__consumer_offsets", "29")]
    [InlineData("__transaction_state", "29")]
    [InlineData("orders", "0")]
    public void Check_keeps_roles_off_the_topics_of_the_brokers(string topic, string errors)
    {
        using var gate = new TestGate(Seed.Replace("role: produce, topic: orders", "role: produce", StringComparison.Ordinal));

        Assert.Equal(errors, Judge(gate, "orders", new KafkaQuestion(Produce, 0, "__admin_client", [topic]), out _));
    }

    [Fact]
    public void Check_as_cilium_denies_the_whole_request()
    {
        using var gate = new TestGate(new PolicyCompilerOptions { CiliumCompatible = true }, Seed);

        Assert.Equal("29 29", Judge(gate, "orders", new KafkaQuestion(Produce, 0, "c", ["orders", "audit"]), out _));
        Assert.Equal("0", Judge(gate, "orders", new KafkaQuestion(Produce, 0, "c", ["orders"]), out _));
        _ = Judge(gate, "orders", new KafkaQuestion(InitProducerId, 0, "c", []), out var verdict);
        Assert.False(verdict.Allowed);
    }

    [Fact]
    public void Check_of_a_part_leaves_a_flow_for_each_topic_with_its_own_verdict_and_rule()
    {
        using var gate = new TestGate(Seed).Observed();
        var permit = Connect(gate, "orders");
        _ = Judge(gate, ref permit, new KafkaQuestion(Produce, 0, "c", ["orders", "audit"]), out _);

        Assert.Collection(
            gate.Flows().Where(static flow => flow.Type == FlowType.L7),
            static flow => Assert.Equal(
                (FlowVerdict.Forwarded, "spec.ingress[0].toPorts[0].rules.kafka[0]", "orders", 0),
                (flow.Verdict, flow.Rule?.RulePath, ((KafkaRecord)flow.L7!).Topic, ((KafkaRecord)flow.L7).ErrorCode)),
            static flow => Assert.Equal(
                (FlowVerdict.Dropped, null, "audit", 29),
                (flow.Verdict, flow.Rule?.RulePath, ((KafkaRecord)flow.L7!).Topic, ((KafkaRecord)flow.L7).ErrorCode)));
    }

    [Fact]
    public void Check_that_is_only_audited_lets_groups_form()
    {
        using var gate = new TestGate(Seed.Replace("metadata: {name", "metadata: {annotations: {policyproxy.dev/audit: \"true\"}, name", StringComparison.Ordinal)).Observed();
        var permit = Connect(gate, "notifications");

        Assert.Equal("0", Judge(gate, ref permit, Joining("orders"), out var verdict));
        Assert.True(verdict is { Allowed: true, Audited: true });
        var flow = gate.Flows().Single(static flow => flow.Type == FlowType.L7);
        Assert.Equal((FlowVerdict.Audit, "orders", "topic \"orders\" is not \"notifications\""), (flow.Verdict, ((KafkaRecord)flow.L7!).Topic, flow.Nearest?.Missed));
    }

    [Fact]
    public void Check_that_is_only_audited_lets_everything_pass()
    {
        using var gate = new TestGate(Seed.Replace("metadata: {name", "metadata: {annotations: {policyproxy.dev/audit: \"true\"}, name", StringComparison.Ordinal));

        Assert.Equal("0 0", Judge(gate, "orders", new KafkaQuestion(Produce, 0, "c", ["orders", "audit"]), out var verdict));
        Assert.True(verdict is { Allowed: true, Audited: true });
    }

    private static KafkaQuestion Joining(string topics) => new(JoinGroup, 0, "c", topics.Split(' ', StringSplitOptions.RemoveEmptyEntries)) { GroupId = "g" };

    private static string Judge(TestGate gate, string client, KafkaQuestion question, out Verdict verdict)
    {
        var permit = Connect(gate, client);
        return Judge(gate, ref permit, question, out verdict);
    }

    private static string Judge(TestGate gate, ref ConnectionPermit permit, KafkaQuestion question, out Verdict verdict)
    {
        Assert.Equal(L7Kind.Kafka, permit.Kind);
        Assert.True(KafkaRequest.TryParse(KafkaFrame.Write(question), s_limits, out var request, out _));
        var call = new KafkaCall(request, names: null, new short[request.NameCount]);
        verdict = gate.Gate.Check(ref permit, call);
        return string.Join(' ', call.Errors.ToArray());
    }

    private static ConnectionPermit Connect(TestGate gate, string client)
    {
        Assert.True(gate.Gate.Connect(gate.Ingress("app=kafka", $"app={client}", 9092), out var permit).Allowed);
        return permit;
    }
}
