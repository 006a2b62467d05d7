using System.Text;
using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Brokers;

/// <content>What the topics hold.</content>
#pragma warning disable CA2216 // see the other part
internal sealed partial class MockBrokers
#pragma warning restore CA2216
{
    /// <summary>How many messages a topic holds.</summary>
    public long Count(string topic) => Directly(servers => DirectClient.Count(servers, topic));

    /// <summary>Writes messages.</summary>
    public void Write(string topic, IEnumerable<string> values) => Directly(servers =>
    {
        DirectClient.Write(servers, topic, values.Select(Encoding.UTF8.GetBytes));
        return 0;
    });

    /// <summary>The values of a topic of one partition.</summary>
    /// <param name="topic">Its name.</param>
    /// <param name="count">How many to wait for; null = what is there.</param>
    public string[] Read(string topic, long? count = null) =>
        Directly(servers => DirectClient.Read(servers, new TopicPartition(topic, 0), count).Select(static message => Encoding.UTF8.GetString(message.Value)).ToArray());
}
