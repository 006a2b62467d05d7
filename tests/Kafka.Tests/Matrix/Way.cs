using PolicyProxy.Kafka.Tests.Brokers;
using PolicyProxy.Kafka.Tests.Clients;

namespace PolicyProxy.Kafka.Tests.Matrix;

/// <summary>One way for clients to reach brokers: with the policy of these tests between them.</summary>
internal abstract class Way : IAsyncDisposable
{
    /// <summary>Where clients are told to begin.</summary>
    public abstract string Bootstrap { get; }

    /// <summary>The name of a topic or group of this run.</summary>
    public virtual string Name(string name) => name;

    /// <summary>Makes topics.</summary>
    public abstract Task CreateAsync(string[] topics);

    /// <summary>Does something with a client that nothing is before.</summary>
    public abstract T Directly<T>(Func<string, T> work);

    /// <summary>Runs a client.</summary>
    public abstract Task<JudgedResult> RunAsync(string[] command);

    /// <summary>Runs a client while no group forms: who waits for one hears nothing in time. Brokers that are not our own let groups form as they are set to.</summary>
    public async Task<JudgedResult> RunWithoutGroupsAsync(string[] command)
    {
        Brokers?.SetGroupDelay(MockBrokers.Forever);
        try
        {
            return await RunAsync(command);
        }
        finally
        {
            Brokers?.SetGroupDelay(MockBrokers.GroupDelay);
        }
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>The brokers, if they are our own.</summary>
    protected abstract MockBrokers? Brokers { get; }

    /// <summary>Rules of the topics of this run, as a flow sequence.</summary>
    protected string Rules => $"[{{role: produce, topic: {Name("orders")}}}, {{role: consume, topic: {Name("notifications")}}}]";
}

/// <summary>What a client did, and what was seen of it.</summary>
/// <param name="Client">The client's end.</param>
/// <param name="Denied">Requests denied.</param>
/// <param name="Arrived">Keys of the requests that reached the brokers; null = nobody can tell.</param>
internal sealed record JudgedResult(ClientResult Client, long Denied, short[]? Arrived);
