using Confluent.Kafka;
using PolicyProxy.Flows;

namespace PolicyProxy.Kafka.Tests.Scenarios;

/// <summary>Every way to read, under role consume.</summary>
public sealed class ConsumerTests : IAsyncLifetime
{
    private static readonly string[] s_values = [.. Enumerable.Range(0, 100).Select(static i => $"message {i}")];

    private KafkaBench _bench = null!;

    public static TheoryData<GroupProtocol> Protocols => [GroupProtocol.Classic, GroupProtocol.Consumer];

    public async Task InitializeAsync()
    {
        _bench = await KafkaBench.StartAsync("[{role: produce, topic: orders}, {role: consume, topic: notifications}]");
        foreach (var topic in new[] { "orders", "notifications", "audit" })
        {
            _bench.Brokers.CreateTopic(topic);
            _bench.Brokers.Write(topic, s_values);
        }
    }

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Group_reads_and_commits(GroupProtocol protocol)
    {
        using var consumer = Confluent.Consumer(_bench, config => config.GroupProtocol = protocol, "notifications");

        Assert.Equal(s_values, consumer.Read(static reading => reading.Values.Count == 100).Of("notifications"));
        consumer.Commit();
        Assert.Equal(100, Assert.Single(consumer.Committed([new TopicPartition("notifications", 0)], Confluent.Limit)).Offset.Value);
        consumer.Close();

        Assert.DoesNotContain(_bench.KafkaFlows(), static flow => flow.Verdict == FlowVerdict.Dropped);
        Assert.Equal(protocol == GroupProtocol.Consumer, _bench.Brokers.ArrivedKeys().Contains((short)68));
        Assert.Equal(protocol == GroupProtocol.Classic, _bench.Brokers.ArrivedKeys().Contains((short)11));
    }

    /// <summary>A topic of no rule, and one of the other role.</summary>
    [Theory]
    [InlineData("audit")]
    [InlineData("orders")]
    public void One_of_two_topics_is_denied_and_the_other_flows(string denied)
    {
        using var consumer = Confluent.Consumer(_bench, null, "notifications", denied);

        var reading = consumer.Read(static reading => reading.Values.Count >= 100 && reading.Errors.Count > 0);

        Assert.Equal(s_values, reading.Of("notifications"));
        Assert.Equal(100, reading.Values.Count);
        Assert.All(reading.Errors, error => Assert.Equal((denied, ErrorCode.TopicAuthorizationFailed), error));
    }

    [Fact]
    public void Group_of_the_new_protocol_is_refused_a_topic_it_may_not_have()
    {
        using var consumer = Confluent.Consumer(_bench, static config => config.GroupProtocol = GroupProtocol.Consumer, "audit");

        var reading = consumer.Read(static reading => reading.Errors.Count > 0);

        Assert.Empty(reading.Values);
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, reading.Errors[0].Code);
    }

    [Fact]
    public void Partitions_without_a_group_are_judged_as_well()
    {
        using var consumer = Confluent.Consumer(_bench, null);
        consumer.Assign([new TopicPartitionOffset("notifications", 0, Offset.Beginning), new TopicPartitionOffset("orders", 0, 0)]);

        var reading = consumer.Read(static reading => reading.Values.Count >= 100 && reading.Errors.Count > 0);

        Assert.Equal(s_values, reading.Of("notifications"));
        Assert.Equal(100, reading.Values.Count);
        Assert.All(reading.Errors, static error => Assert.Equal(("orders", ErrorCode.TopicAuthorizationFailed), error));
    }

    [Fact]
    public void Commit_of_two_topics_counts_for_the_one_that_is_allowed()
    {
        using var consumer = Confluent.Consumer(_bench, null);
        TopicPartition allowed = new("notifications", 0), denied = new("orders", 0);

        var error = Assert.ThrowsAny<KafkaException>(() => consumer.Commit([new(allowed, 5), new(denied, 3)]));

        Assert.Equal(ErrorCode.TopicAuthorizationFailed, error.Error.Code);
        Assert.Equal(5, Assert.Single(consumer.Committed([allowed], Confluent.Limit)).Offset.Value);
    }
}
