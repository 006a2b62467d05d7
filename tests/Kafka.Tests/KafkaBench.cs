using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Kafka.Tests.Brokers;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Sidecar;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Flows;

namespace PolicyProxy.Kafka.Tests;

/// <summary>Real brokers, each behind a real sidecar whose address it names as its own.</summary>
internal sealed class KafkaBench : IAsyncDisposable
{
    private readonly List<SidecarServer> _servers = [];
    private readonly Func<SidecarOptions, SidecarOptions> _change;
    private readonly InMemoryPolicySource _policies;

    private KafkaBench(MockBrokers brokers, InMemoryPolicySource policies, Func<SidecarOptions, SidecarOptions>? change)
    {
        Brokers = brokers;
        _policies = policies;
        _change = change ?? (static options => options);
    }

    public MockBrokers Brokers { get; }

    public FlowLog Flows { get; } = new();

    /// <summary>The first broker's sidecar.</summary>
    public IPEndPoint Address => _servers[0].Addresses[0];

    /// <summary>What the first broker's sidecar has done.</summary>
    public RelayCounters Counters => _servers[0].Counters;

    /// <summary>What all sidecars have done, in the order of the brokers.</summary>
    public IEnumerable<RelayCounters> AllCounters => _servers.Select(static server => server.Counters);

    /// <param name="rules">The list under <c>kafka</c>, in YAML's flow style.</param>
    /// <param name="change">Changes options.</param>
    /// <param name="brokers">How many.</param>
    public static async Task<KafkaBench> StartAsync(string rules, Func<SidecarOptions, SidecarOptions>? change = null, int brokers = 1)
    {
        var bench = new KafkaBench(MockBrokers.Start(brokers), new InMemoryPolicySource([("policy.yaml", KafkaPolicy.Of(rules))]), change);
        for (var broker = 1; broker <= brokers; broker++)
        {
            bench._servers.Add(await bench.StartServerAsync(broker, new IPEndPoint(IPAddress.Loopback, 0)));
            bench.Brokers.Advertise(broker, bench._servers[^1].Addresses[0]);
        }

        return bench;
    }

    /// <summary>Stops the first broker's sidecar in order and starts it again at the same address.</summary>
    /// <param name="cuts">True cuts every connection where it is, as a process that dies does.</param>
    public async Task RestartAsync(bool cuts = false)
    {
        var address = Address;
        await _servers[0].StopAsync(new CancellationToken(cuts));
        await _servers[0].DisposeAsync();
        Assert.Equal(0, Counters.Faults);
        _servers[0] = await StartServerAsync(1, address);
    }

    /// <summary>Puts other rules in force.</summary>
    public void Reload(string rules) => _policies.Update([("policy.yaml", KafkaPolicy.Of(rules))]);

    /// <summary>The flows of requests so far.</summary>
    public IReadOnlyList<FlowRecord> KafkaFlows() => [.. Flows.All().Where(static flow => flow.L7 is KafkaRecord)];

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _policies.Dispose();
        Brokers.Dispose();
        Assert.All(AllCounters, static counters => Assert.Equal(0, counters.Faults));
    }

    private Task<SidecarServer> StartServerAsync(int broker, IPEndPoint address) => SidecarServer.StartAsync(_change(new SidecarOptions
    {
        Listen = [address],
        Upstream = new Uri($"http://{Brokers.Addresses[broker - 1]}"),
        Labels = LabelSet.Parse("app=kafka"),
        PolicyPort = 9092,
        Relay = new RelayOptions { Loops = 1 },
        Configure = builder =>
        {
            builder.From(_policies);
            builder.Services.AddSingleton<IFlowObserver>(Flows);
        },
    }));
}
