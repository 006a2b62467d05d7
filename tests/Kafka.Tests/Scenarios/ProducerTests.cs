using Confluent.Kafka;
using PolicyProxy.Flows;

namespace PolicyProxy.Kafka.Tests.Scenarios;

/// <summary>Every way to write, under role produce.</summary>
public sealed class ProducerTests : IAsyncLifetime
{
    private KafkaBench _bench = null!;

    public async Task InitializeAsync()
    {
        _bench = await KafkaBench.StartAsync("[{role: produce, topic: orders}, {role: consume, topic: notifications}]");
        _bench.Brokers.CreateTopic("orders");
        _bench.Brokers.CreateTopic("notifications");
        _bench.Brokers.CreateTopic("audit");
    }

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Idempotent_producer_writes_in_order()
    {
        using var producer = Confluent.Producer(_bench);

        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => producer.SendAsync("orders", $"{i}")));

        Assert.Contains((short)22, _bench.Brokers.ArrivedKeys());
        Assert.Equal(0, _bench.Counters.Denied);
        Assert.Equal(Enumerable.Range(0, 2000).Select(static i => $"{i}"), _bench.Brokers.Read("orders"));
    }

    [Fact]
    public async Task Transactions_commit_and_abort()
    {
        using var producer = Confluent.Producer(_bench, static config => config.TransactionalId = "billing");

        producer.InitTransactions(Confluent.Limit);
        producer.BeginTransaction();
        await producer.SendAsync("orders", "one");
        producer.CommitTransaction(Confluent.Limit);
        producer.BeginTransaction();
        await producer.SendAsync("orders", "two");
        producer.AbortTransaction(Confluent.Limit);

        // coordinator, id, partitions, end; librdkafka's brokers keep aborted messages
        Assert.Empty(new short[] { 10, 22, 24, 26 }.Except(_bench.Brokers.ArrivedKeys()));
        Assert.Equal(0, _bench.Counters.Denied);
        Assert.Equal(["one"], _bench.Brokers.Read("orders", 1));
    }

    [Theory]
    [InlineData("audit")]
    [InlineData("notifications")]
    public async Task Transaction_with_a_topic_it_may_not_have_can_only_be_aborted(string topic)
    {
        using var producer = Confluent.Producer(_bench, static config => config.TransactionalId = "billing");
        producer.InitTransactions(Confluent.Limit);
        producer.BeginTransaction();
        await producer.SendAsync("orders", "one");

        _ = await producer.RefusalAsync(topic); // of its own, or that the transaction cannot go on
        _ = Assert.Throws<KafkaTxnRequiresAbortException>(() => producer.CommitTransaction(Confluent.Limit));
        producer.AbortTransaction(Confluent.Limit);

        Assert.Equal(0, _bench.Brokers.Count(topic));
    }

    [Fact]
    public async Task Without_acknowledgement_what_is_allowed_arrives()
    {
        using (var producer = Confluent.Producer(_bench, WithoutAcks))
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => producer.SendAsync("orders", $"{i}")));
        }

        Assert.Equal(Enumerable.Range(0, 500).Select(static i => $"{i}"), _bench.Brokers.Read("orders", 500));
    }

    /// <summary>Nobody can tell the client; that its connection ends is what brokers do, and the flow is what remains.</summary>
    [Fact]
    public async Task Without_acknowledgement_what_is_denied_ends_the_connection_and_leaves_a_flow()
    {
        using var producer = Confluent.Producer(_bench, WithoutAcks);

        await producer.SendAsync("notifications", "lost");

        Assert.True(SpinWait.SpinUntil(() => _bench.KafkaFlows().Any(static flow => flow is { Verdict: FlowVerdict.Dropped, L7: KafkaRecord { ApiKey: "produce", Topic: "notifications" } }), Confluent.Limit));
        Assert.Equal(0, _bench.Brokers.Count("notifications"));
        Assert.DoesNotContain((short)0, _bench.Brokers.ArrivedKeys());
    }

    [Fact]
    public void List_of_topics_has_those_of_the_rules_only()
    {
        using var producer = Confluent.Producer(_bench);
        using var admin = new DependentAdminClientBuilder(producer.Handle).Build();

        var metadata = admin.GetMetadata(Confluent.Limit);

        Assert.Equal(["notifications", "orders"], metadata.Topics.Select(static topic => topic.Topic).Order());
        Assert.Equal(_bench.Address.Port, Assert.Single(metadata.Brokers).Port);
    }

    private static void WithoutAcks(ProducerConfig config) => (config.EnableIdempotence, config.Acks) = (false, Acks.None);
}
