using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests;

/// <summary>What the options of the sidecar change for a real client.</summary>
public sealed class KafkaOptionsTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true, "orders:NoError")]
    [InlineData(false, "audit:TopicAuthorizationFailed orders:NoError")]
    public async Task Lists_of_all_topics_hide_or_show_what_is_denied(bool hides, string topics)
    {
        await using var bench = await KafkaBench.StartAsync(
            "[{role: produce, topic: orders}]", options => options with { Kafka = options.Kafka with { HidesTopics = hides } });
        bench.Brokers.CreateTopic("orders");
        bench.Brokers.CreateTopic("audit");
        using var client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bench.Address.ToString() }).SetLogHandler(static (_, _) => { }).Build();

        var listed = client.GetMetadata(s_limit).Topics;

        Assert.Equal(topics, string.Join(' ', listed.OrderBy(static topic => topic.Topic, StringComparer.Ordinal).Select(static topic => $"{topic.Topic}:{topic.Error.Code}")));
    }

    [Fact]
    public async Task Ciliums_lists_of_requests_leave_an_idempotent_producer_without_its_id()
    {
        await using var bench = await KafkaBench.StartAsync("[{role: produce, topic: orders}]", static options => options with { CiliumCompatible = true });
        bench.Brokers.CreateTopic("orders");
        using var plain = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = bench.Address.ToString() }).SetLogHandler(static (_, _) => { }).Build();

        _ = await plain.ProduceAsync("orders", new Message<Null, string> { Value = "one" }).WaitAsync(s_limit);

        var idempotent = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = bench.Address.ToString(), EnableIdempotence = true })
            .SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();
        using (idempotent)
        {
            _ = await Assert.ThrowsAnyAsync<KafkaException>(() => idempotent.ProduceAsync("orders", new Message<Null, string> { Value = "two" })).WaitAsync(s_limit);
        }

        Assert.Equal(1, bench.Brokers.Count("orders"));
    }
}
