using Confluent.Kafka;
using PolicyProxy.Flows;
using PolicyProxy.Kafka.Tests.Brokers;

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

    /// <summary>Before a group forms, which never happens here.</summary>
    [Theory]
    [InlineData("audit", GroupProtocol.Classic)]
    [InlineData("orders", GroupProtocol.Classic)]
    [InlineData("audit", GroupProtocol.Consumer)]
    [InlineData("orders", GroupProtocol.Consumer)]
    public void Group_is_refused_a_topic_it_may_not_have(string topic, GroupProtocol protocol)
    {
        _bench.Brokers.SetGroupDelay(MockBrokers.Forever);
        using var consumer = Confluent.Consumer(_bench, config => config.GroupProtocol = protocol, topic);

        var reading = consumer.Read(static reading => reading.Errors.Count > 0);

        Assert.Empty(reading.Values);
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, reading.Errors[0].Code);
        Assert.DoesNotContain(_bench.Brokers.ArrivedKeys(), static key => key is 1 or 11);
    }

    [Fact]
    public void Member_that_may_have_nothing_leaves_its_group_alone()
    {
        using var reader = Confluent.Consumer(_bench, null, "notifications");
        Assert.Equal(100, reader.Read(static reading => reading.Values.Count == 100).Values.Count);
        var joins = _bench.Brokers.ArrivedKeys().Count(static key => key == 11);

        using var other = Confluent.Consumer(_bench, null, "orders");
        Assert.All(other.Read(static reading => reading.Errors.Count > 0).Errors, static error => Assert.Equal(ErrorCode.TopicAuthorizationFailed, error.Code));

        _bench.Brokers.Write("notifications", ["one more"]);
        Assert.Equal(["one more"], reader.Read(static reading => reading.Values.Count > 0).Of("notifications"));
        Assert.Equal(joins, _bench.Brokers.ArrivedKeys().Count(static key => key == 11));
        var flow = _bench.KafkaFlows().First(static flow => flow.Verdict == FlowVerdict.Dropped);
        Assert.Equal(("joingroup", "orders", "group readers"), (((KafkaRecord)flow.L7!).ApiKey, ((KafkaRecord)flow.L7).Topic, flow.Note));
        Assert.Equal("role produce does not include joingroup", flow.Nearest?.Missed);
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
