namespace PolicyProxy.Protocols.Kafka;

/// <summary>Says which names a response may not show. Implemented by structs, also ref structs, so that asking costs no allocation.</summary>
public interface IKafkaRefusal
{
    /// <summary>True if the element that carries this name has to be taken out.</summary>
    /// <param name="name">A topic with name, id or both, a group or a transactional id; its position is the one in the response.</param>
    bool Refuses(in KafkaName name);
}

/// <summary>What becomes of an element that is refused.</summary>
public enum KafkaRefused
{
    /// <summary>It is left out, as if it did not exist.</summary>
    Omitted = 0,

    /// <summary>A topic is shown by its name with <see cref="KafkaError.TopicAuthorizationFailed"/>, where it has an error of its own.</summary>
    ShownByName = 1,

    /// <summary>Likewise by its id, for clients that asked by id.</summary>
    ShownById = 2,
}
