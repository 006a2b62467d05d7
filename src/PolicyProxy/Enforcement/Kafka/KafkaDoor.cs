using System.Collections.Concurrent;
using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Enforcement.Kafka;

/// <summary>Asks the gate about the Kafka requests of connections, and keeps what these have in common. Thread-safe.</summary>
/// <param name="gate">The gate to ask.</param>
internal sealed class KafkaDoor(PolicyGate gate)
{
    // Addresses whose topics are remembered: more than the brokers anybody talks to.
    private const int MaxAddresses = 4_096;

    private readonly ConcurrentDictionary<IPEndPoint, KafkaTopicNames> _byAddress = new();
    private readonly ConcurrentDictionary<Identity, KafkaTopicNames> _byIdentity = new();

    public PolicyGate Gate => gate;

    /// <summary>Bounds on requests; every known request is walked.</summary>
    public KafkaLimits Limits { get; init; } = KafkaLimits.Default with { Bodies = KafkaBodyScope.EveryKnownRequest };

    /// <summary>
    /// Longest request or response that is kept whole, in bytes, because it has to be judged or edited and does not fit into a buffer: requests with several topics, lists
    /// of topics. Default 16,777,216: sixteen times what Java's producer puts into one request (<c>max.request.size</c>). Longer ones end the connection; requests
    /// with one topic, and records that are read, are of any length.
    /// </summary>
    public int MaxKeptBytes { get; init; } = 16_777_216;

    /// <summary>Requests of one connection without a response; then no more are read. Default 128: Java's producer has 5.</summary>
    public int MaxPending { get; init; } = 128;

    /// <summary>
    /// Longest time before a Fetch that is wholly denied is answered, in milliseconds; less if the client wants to wait less. Default 500, <c>fetch.max.wait.ms</c>:
    /// a client whose every Fetch is answered at once asks without a pause.
    /// </summary>
    public int MaxFetchDelay { get; init; } = 500;

    /// <summary>True (default) leaves denied topics out of lists of all topics; false shows them with an authorisation error.</summary>
    public bool HidesTopics { get; init; } = true;

    /// <summary>True (default) offers clients only versions whose requests give topics by name, where both exist (KIP-516).</summary>
    public bool PrefersNames { get; init; } = true;

    /// <summary>
    /// Names of topic ids on the upstream of a connection. Brokers of one identity are one upstream; where an identity is no more than a place in the world, each address is one:
    /// what a stranger's broker says must not count for others.
    /// </summary>
    public KafkaTopicNames NamesFor(in ConnectionPermit permit)
    {
        if (_byAddress.Count > MaxAddresses)
        {
            _byAddress.Clear(); // asked for again where needed
        }

        var tuple = permit.Tuple;
        var server = tuple.Direction == TrafficDirection.Ingress ? tuple.Subject : permit.Peer;
        return server is { IsWorld: false }
            ? _byIdentity.GetOrAdd(server, static _ => new KafkaTopicNames())
            : _byAddress.GetOrAdd(tuple.Destination ?? new IPEndPoint(IPAddress.None, tuple.Port), static _ => new KafkaTopicNames());
    }
}
