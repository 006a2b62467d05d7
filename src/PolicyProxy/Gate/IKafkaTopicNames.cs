namespace PolicyProxy.Gate;

/// <summary>Names of topics that requests give by id alone (KIP-516), as the servers of one upstream gave them.</summary>
public interface IKafkaTopicNames
{
    /// <summary>The name of a topic; empty if it is not known. Allocates nothing.</summary>
    /// <param name="id">Its id, never empty.</param>
    ReadOnlySpan<byte> Find(Guid id);
}
