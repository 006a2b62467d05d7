namespace PolicyProxy.Kafka.Tests.Clients;

/// <summary>A family of clients: how it is called, and its own words for what it may not do.</summary>
/// <param name="Name">The name of its package.</param>
/// <param name="ProduceError">What it says of a topic it may not write to.</param>
/// <param name="ConsumeError">What it says of a topic it may not read.</param>
internal sealed record KafkaClient(string Name, string ProduceError, string ConsumeError)
{
    private const string Frame = "%K %S %h\\n%k%s\\n";

    public static IReadOnlyDictionary<string, KafkaClient> All { get; } = new KafkaClient[]
    {
        new("Confluent.Kafka", "TopicAuthorizationFailed", "TopicAuthorizationFailed"),
        new("kcat", "Topic authorization failed", "Topic authorization failed"),
        new("kafka-python", "TopicAuthorizationFailedError", "TopicAuthorizationFailedError"),
        new("kafkajs", "TOPIC_AUTHORIZATION_FAILED", "TOPIC_AUTHORIZATION_FAILED"),
    }.ToDictionary(static client => client.Name);

    /// <summary>Writes every file of a folder, in the order of their names, with the key and the headers of <see cref="Messages"/>.</summary>
    public string[] Produce(string bootstrap, string topic, string folder) => Name == "kcat"
        ? ["kcat", "-b", bootstrap, "-P", "-X", "linger.ms=500", "-t", topic, "-k", Messages.Key, "-H", "trace=4bf92f35", "-H", "source=tests", .. Directory.GetFiles(folder).Order(StringComparer.Ordinal)]
        : [.. Program, "produce", bootstrap, topic, folder];

    /// <summary>Reads a number of messages in a group and writes them as <see cref="Messages"/> has them.</summary>
    public string[] Consume(string bootstrap, string topic, string group, int count) => Name == "kcat"
        ? ["kcat", "-b", bootstrap, "-G", group, "-X", "auto.offset.reset=earliest", "-q", "-c", $"{count}", "-f", Frame, topic]
        : [.. Program, "consume", bootstrap, topic, group, $"{count}"];

    private string[] Program => Name switch
    {
        "Confluent.Kafka" => ["dotnet", typeof(KafkaClient).Assembly.Location],
        "kafka-python" => ["/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "Clients", "client.py")],
        _ => ["node", Path.Combine(AppContext.BaseDirectory, "Clients", "client.js")],
    };
}
