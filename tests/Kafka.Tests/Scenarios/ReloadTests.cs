using System.Collections.Concurrent;
using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Scenarios;

/// <summary>Policy changes under clients that go on.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private const string Writer = "{clientID: writer, role: produce}";
    private const string Both = $"[{Writer}, {{role: consume, topic: notifications}}, {{role: consume, topic: alerts}}]";
    private const string One = $"[{Writer}, {{role: consume, topic: notifications}}]";

    private KafkaBench _bench = null!;
    private IProducer<string, string> _writer = null!;

    public async Task InitializeAsync()
    {
        _bench = await KafkaBench.StartAsync(Both);
        _bench.Brokers.CreateTopic("notifications");
        _bench.Brokers.CreateTopic("alerts");
        _writer = Confluent.Producer(_bench, static config => config.ClientId = "writer");
    }

    public async Task DisposeAsync()
    {
        _writer.Dispose();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Consumer_loses_a_topic_and_gets_it_back_on_its_connections()
    {
        await WriteAsync("before");
        var errors = new ConcurrentQueue<ErrorCode>();
        using var consumer = Confluent.Consumer(_bench, error => errors.Enqueue(error.Code), null);
        consumer.Assign([new TopicPartitionOffset("notifications", 0, Offset.Beginning), new TopicPartitionOffset("alerts", 0, Offset.Beginning)]);
        Assert.Equal(2, consumer.Read(static reading => reading.Values.Count == 2).Values.Count);

        _bench.Reload(One);
        var told = consumer.Read(reading => reading.Errors.Count > 0 || errors.Contains(ErrorCode.TopicAuthorizationFailed));
        Assert.All(told.Errors, static error => Assert.Equal(("alerts", ErrorCode.TopicAuthorizationFailed), error));
        await WriteAsync("meanwhile");
        var without = consumer.Read(static reading => reading.Values.Count > 0);
        var more = consumer.Read(StopAfter(5)); // as many empty polls
        var connections = _bench.Counters.Tunnels;

        _bench.Reload(Both);
        await WriteAsync("after");
        var with = consumer.Read(static reading => reading.Of("alerts").Contains("after") && reading.Of("notifications").Contains("after"));

        Assert.Equal([("notifications", "meanwhile")], without.Values.Concat(more.Values));
        Assert.Equal(["meanwhile", "after"], with.Of("alerts"));
        Assert.Equal(connections, _bench.Counters.Tunnels);
    }

    [Fact]
    public async Task Producer_gets_a_topic_and_loses_it()
    {
        using var producer = Confluent.Producer(_bench, static config => config.EnableIdempotence = false); // whose id no rule would allow
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await producer.RefusalAsync("alerts"));

        _bench.Reload("[{role: produce, topic: alerts}]");
        await UntilAsync(producer, isAllowed: true);

        _bench.Reload(Both);
        await UntilAsync(producer, isAllowed: false);
        var arrived = ArrivedWrites();
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await producer.RefusalAsync("alerts"));
        Assert.Equal(arrived, ArrivedWrites());
        Assert.True(arrived > 0);
    }

    private int ArrivedWrites() => _bench.Brokers.ArrivedKeys().Count(static key => key == 0);

    // A client may answer by what it learned last, and ask again a little later.
    private static async Task UntilAsync(IProducer<string, string> producer, bool isAllowed)
    {
        for (var deadline = Environment.TickCount64 + (long)Confluent.Limit.TotalMilliseconds; Environment.TickCount64 < deadline;)
        {
            try
            {
                await producer.SendAsync("alerts", "allowed");
                if (isAllowed)
                {
                    return;
                }
            }
            catch (ProduceException<string, string> error) when (error.Error.Code == ErrorCode.TopicAuthorizationFailed)
            {
                if (!isAllowed)
                {
                    return;
                }
            }
        }

        Assert.Fail($"never {(isAllowed ? "allowed" : "denied")}");
    }

    private Task WriteAsync(string value) => Task.WhenAll(_writer.SendAsync("notifications", value), _writer.SendAsync("alerts", value));

    private static Func<Reading, bool> StopAfter(int polls) => _ => polls-- == 0;
}
