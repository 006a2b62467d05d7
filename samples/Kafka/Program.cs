using System.Net;
using Confluent.Kafka;
using PolicyProxy.Samples.KafkaSample;

// Three programs in one: the services `orders` and `notifications`, and a broker that stands in for yours.
return args switch
{
    ["broker", var advertised] => StandInBroker.Run(IPEndPoint.Parse(advertised)),
    ["produce", var servers, var topic] => await ProduceAsync(servers, topic),
    ["consume", var servers, var topic] => Consume(servers, topic),
    _ => 2,
};

static async Task<int> ProduceAsync(string servers, string topic)
{
    // region produce
    using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = servers, EnableIdempotence = true }).Build();
    try
    {
        var written = await producer.ProduceAsync(topic, new Message<Null, string> { Value = "order 1" });
        Console.WriteLine($"written to {written.TopicPartitionOffset}");
        return 0;
    }
    catch (ProduceException<Null, string> refused)
    {
        Console.WriteLine($"refused: {refused.Error.Reason}");
        return 1;
    }

    // endregion
}

static int Consume(string servers, string topic)
{
    using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
    {
        BootstrapServers = servers,
        GroupId = "notifications",
        AutoOffsetReset = AutoOffsetReset.Earliest,
    }).Build();
    consumer.Subscribe(topic);
    try
    {
        var read = consumer.Consume(TimeSpan.FromSeconds(30));
        Console.WriteLine(read is null ? "nothing came" : $"read \"{read.Message.Value}\" from {read.TopicPartitionOffset}");
        return read is null ? 1 : 0;
    }
    catch (ConsumeException refused)
    {
        Console.WriteLine($"refused: {refused.Error.Reason}");
        return 1;
    }
    finally
    {
        consumer.Close();
    }
}
