using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Enforcement.Kafka;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>What a loop last knew of the policies in force.</summary>
internal record struct PolicySightings(EngineState? State);

/// <summary>What all loops of a relay share. Thread-safe.</summary>
internal sealed class RelayShared
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isDraining;
    private int _connections;

    public required RelayOptions Options { get; init; }

    public required HttpDoor Door { get; init; }

    /// <summary>Judges Kafka.</summary>
    public required KafkaDoor Kafka { get; init; }

    public required PolicyEngine Engine { get; init; }

    /// <summary>The sidecar's upstream; null if every connection brings its own destination.</summary>
    public required UpstreamAddresses? Upstream { get; init; }

    /// <summary>Takes over connections that speak HTTP/2: descriptor, permit and where they go on. Called on a loop's thread; must not block.</summary>
    public required Action<int, ConnectionPermit, UpstreamRoute?> HandOver { get; init; }

    /// <summary>Takes over connections whose DNS queries are to be judged: descriptor, permit and the resolver; null = nobody does. Must not block.</summary>
    public Action<int, ConnectionPermit, IPEndPoint>? ServeDns { get; init; }

    /// <summary>
    /// Answers clients of the sidecar's own listeners over TLS: descriptor, client, local address and who serves what is inside. They count already. Null =
    /// they speak in the open. Must not block.
    /// </summary>
    public Action<int, IPEndPoint?, IPEndPoint?, RelayLoop>? AnswerTls { get; init; }

    /// <summary>Takes over connections that speak TLS and whose inside has to be judged; null = nobody does. Must not block.</summary>
    public Action<int, TlsArrival>? Decrypt { get; init; }

    /// <summary>Sends what came in the open on over TLS; null = nobody does.</summary>
    public OriginateTls? Originate { get; init; }

    /// <summary>Told of bugs.</summary>
    public required Action<Exception> OnFault { get; init; }

    /// <summary>Finds destinations that clients name.</summary>
    public required DestinationNames Names { get; init; }

    public required BufferBudget Budget { get; init; }

    public required RelayReplies Replies { get; init; }

    /// <summary>Most client connections at a time.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Client connections open now, in all loops.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Clock of replies and latencies.</summary>
    public TimeProvider Time => Door.Time;

    /// <summary>Completes when no client connection is open any more, once <see cref="BeginDrain"/> was called.</summary>
    public Task Drained => _drained.Task;

    /// <summary>From now on the last connection completes <see cref="Drained"/>.</summary>
    public void BeginDrain()
    {
        _isDraining = true;
        if (Connections == 0)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>True if one more connection is within the limit; it counts from then on.</summary>
    public bool TryTakeConnection()
    {
        if (Interlocked.Increment(ref _connections) <= MaxConnections)
        {
            return true;
        }

        ReturnConnection();
        return false;
    }

    public void ReturnConnection()
    {
        if (Interlocked.Decrement(ref _connections) == 0 && _isDraining)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>True if policies or identities have changed since the last look.</summary>
    public bool HasPolicyChanged(ref PolicySightings seen)
    {
        var current = Engine.State;
        if (ReferenceEquals(current, seen.State))
        {
            return false;
        }

        var isFirst = seen.State is null;
        seen = new(current);
        return !isFirst;
    }
}
