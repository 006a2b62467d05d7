using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Scenarios;

/// <summary>Three brokers, each behind a listener of its own, and a topic on all of them.</summary>
public sealed class SeveralBrokersTests
{
    private const int Partitions = 6;

    [Fact]
    public async Task Clients_reach_every_broker_through_its_own_listener()
    {
        await using var bench = await KafkaBench.StartAsync("[{role: produce, topic: orders}, {role: consume, topic: orders}]", brokers: 3);
        bench.Brokers.CreateTopic("orders", Partitions);
        using var producer = Confluent.Producer(bench);
        using var consumer = Confluent.Consumer(bench, null, "orders");

        var sent = Enumerable.Range(0, 600).Select(static i => $"{i}").ToArray();
        await Task.WhenAll(sent.Select((value, i) => producer.ProduceAsync(
            new TopicPartition("orders", i % Partitions), new Message<string, string> { Value = value }).WaitAsync(Confluent.Limit)));
        var read = consumer.Read(reading => reading.Values.Count >= sent.Length);

        Assert.Equal(sent.Order(), read.Of("orders").Order());
        Assert.All(bench.AllCounters, static counters => Assert.True(counters.Requests > 0));
        Assert.All(bench.AllCounters, static counters => Assert.Equal(0, counters.Denied));
    }

    [Fact]
    public async Task Every_listener_refuses_what_no_rule_allows()
    {
        await using var bench = await KafkaBench.StartAsync("[{role: consume, topic: orders}]", brokers: 3);
        bench.Brokers.CreateTopic("orders", Partitions);
        for (var partition = 0; partition < Partitions; partition++)
        {
            // one that was refused a topic asks no other broker for it
            using var producer = Confluent.Producer(bench, static config => config.EnableIdempotence = false);
            var error = await Assert.ThrowsAnyAsync<ProduceException<string, string>>(() => producer.ProduceAsync(
                new TopicPartition("orders", partition), new Message<string, string> { Value = "denied" }).WaitAsync(Confluent.Limit));
            Assert.Equal(ErrorCode.TopicAuthorizationFailed, error.Error.Code);
        }

        Assert.DoesNotContain((short)0, bench.Brokers.ArrivedKeys());
        using var client = Confluent.Producer(bench);
        using var admin = new DependentAdminClientBuilder(client.Handle).Build();
        var leaders = admin.GetMetadata("orders", Confluent.Limit).Topics[0].Partitions.Select(static partition => partition.Leader).Distinct().Order();
        Assert.Equal(leaders, bench.AllCounters.Index().Where(static item => item.Item.Denied > 0).Select(static item => item.Index + 1));
    }
}
