using System.Collections.Concurrent;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.Kafka;

/// <summary>
/// Names of topic ids as the brokers of one upstream gave them (KIP-516). An id is never given to another topic, so what is known stays true; two names for one id mean
/// that somebody lies, and neither is believed again. Thread-safe.
/// </summary>
/// <param name="capacity">Most ids; beyond it nothing is learned and ids are asked for. Default 100,000, ten times the topics of a large cluster.</param>
internal sealed class KafkaTopicNames(int capacity = 100_000) : IKafkaTopicNames
{
    private static readonly byte[] s_disputed = [];

    private readonly ConcurrentDictionary<Guid, byte[]> _names = new();

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Find(Guid id) => _names.TryGetValue(id, out var name) ? name : default;

    /// <summary>Learns a pair from a broker's response.</summary>
    public void Learn(Guid id, ReadOnlySpan<byte> name)
    {
        if (id == Guid.Empty || name.IsEmpty)
        {
            return;
        }

        if (_names.TryGetValue(id, out var known))
        {
            if (!name.SequenceEqual(known))
            {
                _names[id] = s_disputed;
            }
        }
        else if (_names.Count < capacity)
        {
            _names.TryAdd(id, name.ToArray());
        }
    }
}
