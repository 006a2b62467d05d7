using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Scenarios;

/// <summary>Confluent.Kafka in this process, with short ways: one message a batch is not needed, news of topics every half second is.</summary>
internal static class Confluent
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(25);

    public static IProducer<string, string> Producer(KafkaBench bench, Action<ProducerConfig>? change = null)
    {
        var config = new ProducerConfig { BootstrapServers = bench.Address.ToString(), EnableIdempotence = true, TopicMetadataRefreshIntervalMs = 500 };
        change?.Invoke(config);
        return new ProducerBuilder<string, string>(config).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build();
    }

    public static IConsumer<string, string> Consumer(KafkaBench bench, Action<ConsumerConfig>? change = null, params string[] topics) =>
        Consumer(bench, static _ => { }, change, topics);

    /// <param name="bench">Where to.</param>
    /// <param name="onError">Gets what is told to the client as a whole, not to who reads.</param>
    /// <param name="change">Changes settings.</param>
    /// <param name="topics">To read in a group; none = partitions will be assigned.</param>
    public static IConsumer<string, string> Consumer(KafkaBench bench, Action<Error> onError, Action<ConsumerConfig>? change, params string[] topics)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bench.Address.ToString(),
            GroupId = "readers",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            TopicMetadataRefreshIntervalMs = 500,
        };
        change?.Invoke(config);
        var consumer = new ConsumerBuilder<string, string>(config).SetLogHandler(static (_, _) => { }).SetErrorHandler((_, error) => onError(error)).Build();
        if (topics.Length > 0)
        {
            consumer.Subscribe(topics);
        }

        return consumer;
    }

    public static Task<DeliveryResult<string, string>> SendAsync(this IProducer<string, string> producer, string topic, string value) =>
        producer.ProduceAsync(topic, new Message<string, string> { Key = "key", Value = value }).WaitAsync(Limit);

    /// <summary>The error of a message that does not arrive.</summary>
    public static async Task<ErrorCode> RefusalAsync(this IProducer<string, string> producer, string topic) =>
        (await Assert.ThrowsAnyAsync<ProduceException<string, string>>(() => producer.SendAsync(topic, "denied"))).Error.Code;

    /// <summary>Reads until enough was read and heard: the values by topic, and the errors.</summary>
    public static Reading Read(this IConsumer<string, string> consumer, Func<Reading, bool> isEnough)
    {
        var reading = new Reading();
        for (var deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds; !isEnough(reading);)
        {
            Assert.True(Environment.TickCount64 < deadline, $"not enough: {reading}");
            try
            {
                if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } result)
                {
                    reading.Values.Add((result.Topic, result.Message.Value));
                }
            }
            catch (ConsumeException error)
            {
                reading.Errors.Add((error.ConsumerRecord.Topic, error.Error.Code));
            }
        }

        return reading;
    }
}

/// <summary>What a consumer got.</summary>
internal sealed class Reading
{
    public List<(string Topic, string Value)> Values { get; } = [];

    public List<(string Topic, ErrorCode Code)> Errors { get; } = [];

    public IEnumerable<string> Of(string topic) => Values.Where(value => value.Topic == topic).Select(static value => value.Value);

    public override string ToString() => $"{Values.Count} values; {string.Join(", ", Errors)}";
}
