using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using PolicyProxy.Kafka.Tests.Clients;

namespace PolicyProxy.Kafka.Tests.Brokers;

/// <summary>A client that no proxy is before: it makes topics, fills them, and sees what arrived.</summary>
internal static class DirectClient
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>Makes topics, or waits for the brokers to make them when they hear of them.</summary>
    public static async Task CreateAsync(string servers, IEnumerable<string> topics)
    {
        using var producer = Producer(servers);
        using var admin = new DependentAdminClientBuilder(producer.Handle).Build();
        try
        {
            // librdkafka's brokers know no such request
            await admin.CreateTopicsAsync(
                topics.Select(static topic => new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = -1 }),
                new CreateTopicsOptions { RequestTimeout = TimeSpan.FromSeconds(5) });
        }
        catch (KafkaException error) when (error is not CreateTopicsException)
        {
        }

        foreach (var topic in topics)
        {
            for (var deadline = Environment.TickCount64 + 20_000; admin.GetMetadata(topic, s_limit).Topics[0].Partitions.Count == 0;)
            {
                Assert.True(Environment.TickCount64 < deadline, $"the brokers have made no topic {topic}");
            }
        }
    }

    public static void Write(string servers, string topic, IEnumerable<byte[]> values)
    {
        using var producer = Producer(servers);
        foreach (var value in values)
        {
            producer.Produce(topic, Messages.Message(value));
        }

        Assert.Equal(0, producer.Flush(s_limit));
    }

    /// <summary>Every port that brokers are told to be at, or say they are at.</summary>
    public static IEnumerable<int> Ports(string servers)
    {
        using var producer = Producer(servers);
        using var admin = new DependentAdminClientBuilder(producer.Handle).Build();
        var told = servers.Split(',').Select(static server => int.Parse(server[(server.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
        return [.. told.Concat(admin.GetMetadata(s_limit).Brokers.Select(static broker => broker.Port)).Distinct()];
    }

    /// <summary>How many messages a topic holds.</summary>
    public static long Count(string servers, string topic)
    {
        using var consumer = Consumer(servers);
        return Partitions(consumer, topic).Sum(partition => Count(consumer, partition));
    }

    /// <summary>All messages of a topic as clients print them, by partition.</summary>
    public static byte[][] Read(string servers, string topic)
    {
        using var consumer = Consumer(servers);
        return [.. Partitions(consumer, topic).Select(partition => Messages.Print(Read(consumer, partition, null)))];
    }

    /// <summary>The messages of a partition; a number of them, or as many as are there.</summary>
    public static IReadOnlyList<Message<byte[], byte[]>> Read(string servers, TopicPartition partition, long? count)
    {
        using var consumer = Consumer(servers);
        return Read(consumer, partition, count);
    }

    private static List<Message<byte[], byte[]>> Read(IConsumer<byte[], byte[]> consumer, TopicPartition partition, long? count)
    {
        var messages = new List<Message<byte[], byte[]>>();
        consumer.Assign(new TopicPartitionOffset(partition, Offset.Beginning));
        for (var left = count ?? Count(consumer, partition); left > 0; left--)
        {
            messages.Add(consumer.Consume(s_limit)?.Message ?? throw new TimeoutException($"{left} messages of {partition} do not come"));
        }

        return messages;
    }

    private static long Count(IConsumer<byte[], byte[]> consumer, TopicPartition partition)
    {
        var offsets = consumer.QueryWatermarkOffsets(partition, s_limit);
        return offsets.High.Value - offsets.Low.Value;
    }

    private static IEnumerable<TopicPartition> Partitions(IConsumer<byte[], byte[]> consumer, string topic)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        return [.. admin.GetMetadata(topic, s_limit).Topics[0].Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).OrderBy(static partition => partition.Partition.Value)];
    }

    private static IProducer<byte[], byte[]> Producer(string servers) =>
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = servers }).SetLogHandler(static (_, _) => { }).Build();

    private static IConsumer<byte[], byte[]> Consumer(string servers) =>
        new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = servers, GroupId = "direct" }).SetLogHandler(static (_, _) => { }).Build();
}
