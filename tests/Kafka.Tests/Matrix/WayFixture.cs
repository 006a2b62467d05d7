using PolicyProxy.Kafka.Tests.Brokers;
using PolicyProxy.Kafka.Tests.Clients;

namespace PolicyProxy.Kafka.Tests.Matrix;

/// <summary>Brokers with the topics of the policy, and one more: <c>notifications</c> and <c>audit</c> hold messages.</summary>
public abstract class WayFixture : IAsyncLifetime
{
    internal Way Way { get; private set; } = null!;

    internal Messages Messages { get; } = new();

    public async Task InitializeAsync()
    {
        Way = await StartAsync();
        await Way.CreateAsync([Way.Name("orders"), Way.Name("notifications"), Way.Name("audit")]);
        Way.Directly(servers =>
        {
            DirectClient.Write(servers, Way.Name("notifications"), Messages.Values);
            DirectClient.Write(servers, Way.Name("audit"), Messages.Values);
            return 0;
        });
    }

    public async Task DisposeAsync()
    {
        await Way.DisposeAsync();
        Messages.Dispose();
    }

    internal abstract Task<Way> StartAsync();
}

/// <summary>Through a listener.</summary>
public sealed class ListenerFixture : WayFixture
{
    internal override Task<Way> StartAsync() => ListenerWay.StartAsync();
}

/// <summary>Under <c>policyproxy run</c>.</summary>
public sealed class ConfinedFixture : WayFixture
{
    internal override Task<Way> StartAsync() => ConfinedWay.StartAsync();
}
