using System.Text.Json;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class ExplainKafkaTests : IDisposable
{
    private readonly PolicyFolder _folder = new();
    private readonly string _policy;

    public ExplainKafkaTests() => _policy = _folder.Write("kafka.yaml", """
        apiVersion: policyproxy.dev/v1alpha1
        kind: L7NetworkPolicy
        metadata:
          name: kafka
          namespace: shop
        spec:
          endpointSelector:
            matchLabels:
              app: kafka
          ingress:
          - fromEndpoints:
            - matchLabels:
                app: orders
            toPorts:
            - ports:
              - port: "9092"
                protocol: TCP
              rules:
                kafka:
                - role: produce
                  topic: orders
                - apiKey: fetch
                  topic: audit
          - fromEndpoints:
            - matchLabels:
                app: notifications
            toPorts:
            - ports:
              - port: "9092"
                protocol: TCP
              rules:
                kafka:
                - role: consume
                  topic: notifications
                  groupId: notifiers
        """);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, "orders", "produce orders")]
    [InlineData(0, "orders", "fetch audit")]
    [InlineData(0, "orders", "apiversions")]
    [InlineData(0, "orders", "produce orders", "--transactional-id", "t")]
    [InlineData(1, "orders", "produce audit")]
    [InlineData(1, "orders", "consume orders")]
    [InlineData(1, "orders", "createtopics orders")]
    [InlineData(1, "orders", "joingroup", "--group", "notifiers")]
    [InlineData(1, "orders", "produce orders", "--port", "9093")]
    [InlineData(0, "notifications", "consume notifications")]
    [InlineData(0, "notifications", "joingroup", "--group", "notifiers")]
    [InlineData(1, "notifications", "joingroup", "--group", "others")]
    [InlineData(0, "notifications", "joingroup notifications", "--group", "notifiers")]
    [InlineData(1, "notifications", "joingroup orders", "--group", "notifiers")]
    [InlineData(0, "notifications", "fetch notifications", "--api-version", "13")]
    [InlineData(1, "notifications", "fetch notifications", "--api-version", "99")]
    [InlineData(1, "stranger", "produce orders")]
    [InlineData(2, "orders", "joingroup")]
    [InlineData(2, "orders", "produce")]
    [InlineData(2, "orders", "heartbeat orders", "--group", "x")]
    [InlineData(2, "orders", "endtxn")]
    public void ExplainCommand_kafka_requests_have_their_verdict(int expected, string from, string request, params string[] more)
    {
        var run = CommandRun.Of(["explain", "-p", _policy, "--from", $"app={from}", .. more, .. request.Split(' ')]);

        Assert.True(run.ExitCode == expected, run.ToString());
    }

    [Fact]
    public void ExplainCommand_kafka_denial_names_the_nearest_rule_and_what_missed()
    {
        var run = CommandRun.Of("explain", "-p", _policy, "--from", "app=orders", "produce", "audit");

        Assert.StartsWith("DROPPED  produce audit", run.Out, StringComparison.Ordinal);
        Assert.Contains("apiKey produce is not fetch", run.Out, StringComparison.Ordinal);
        Assert.Contains("topic \"audit\" gets error 29", run.Out, StringComparison.Ordinal);
        Assert.Contains("nearest: L7NetworkPolicy/shop/kafka", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainCommand_role_tells_what_becomes_of_the_requests_around_it()
    {
        var policy = _folder.Write("bare.yaml", File.ReadAllText(_policy).Replace("role: produce", "apiKey: produce", StringComparison.Ordinal));

        var run = CommandRun.Of("explain", "-p", policy, "-o", "json", "--from", "app=orders", "produce", "orders");

        using var json = JsonDocument.Parse(run.Out);
        var answer = json.RootElement.GetProperty("answers")[0];
        Assert.True(answer.GetProperty("allowed").GetBoolean());
        Assert.Equal(
            [("metadata orders", false, "apiKey metadata is not produce"), ("initproducerid", false, "apiKey initproducerid is not produce")],
            answer.GetProperty("others").EnumerateArray().Select(static other => (
                other.GetProperty("request").GetString()!,
                other.GetProperty("allowed").GetBoolean(),
                other.GetProperty("nearest").GetProperty("missed").GetString()!)));
        Assert.Contains("clients also send", CommandRun.Of("explain", "-p", policy, "--from", "app=orders", "produce", "orders").Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", 0)]
    [InlineData("cilium", 1)]
    public void ExplainCommand_answers_as_cilium_does_if_asked(string compat, int expected)
    {
        var run = CommandRun.Of("explain", "-p", _policy, "--compat", compat, "--from", "app=orders", "initproducerid");

        Assert.Equal(expected, run.ExitCode);
    }
}
