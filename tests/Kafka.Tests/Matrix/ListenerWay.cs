using PolicyProxy.Kafka.Tests.Brokers;
using PolicyProxy.Kafka.Tests.Clients;

namespace PolicyProxy.Kafka.Tests.Matrix;

/// <summary>The brokers name the sidecar's address as theirs: policy of the brokers, for whoever comes in.</summary>
internal sealed class ListenerWay : Way
{
    private readonly KafkaBench _bench;

    private ListenerWay(KafkaBench bench) => _bench = bench;

    public override string Bootstrap => _bench.Address.ToString();

    protected override MockBrokers? Brokers => _bench.Brokers;

    public static async Task<Way> StartAsync()
    {
        var way = new ListenerWay(await KafkaBench.StartAsync("[]"));
        way._bench.Reload(way.Rules);
        return way;
    }

    public override Task CreateAsync(string[] topics)
    {
        Array.ForEach(topics, topic => _bench.Brokers.CreateTopic(topic, partitions: 3));
        return Task.CompletedTask;
    }

    public override T Directly<T>(Func<string, T> work) => _bench.Brokers.Directly(work);

    public override async Task<JudgedResult> RunAsync(string[] command)
    {
        _bench.Brokers.ClearRequests();
        var before = _bench.Counters.Denied;
        var result = await ClientProcess.RunAsync(command);
        return new JudgedResult(result, _bench.Counters.Denied - before, _bench.Brokers.ArrivedKeys());
    }

    public override ValueTask DisposeAsync() => _bench.DisposeAsync();
}
