namespace PolicyProxy.Protocols.Kafka;

/// <summary>Which number of a request a layout keeps.</summary>
internal enum KafkaNumber
{
    /// <summary>Fetch, ListOffsets, OffsetForLeaderEpoch: who asks.</summary>
    ReplicaId,

    /// <summary>Produce: acknowledgements wanted.</summary>
    Acks,

    /// <summary>Fetch, ShareFetch: how long the broker may wait.</summary>
    MaxWait,

    /// <summary>Fetch: session.</summary>
    SessionId,

    /// <summary>Fetch, ShareFetch, ShareAcknowledge: epoch of the session.</summary>
    SessionEpoch,

    /// <summary>Metadata: whether absent topics are created.</summary>
    AutoCreate,
}

/// <summary>The numbers of one request that policy and relay ask for. Mutable while the body is walked.</summary>
internal struct KafkaNumbers()
{
    public int ReplicaId = -1;
    public int MaxWait;
    public int SessionId;
    public int SessionEpoch = -1;
    public short Acks;
    public bool AutoCreate = true;
    public int AutoCreateAt = -1;

    /// <summary>Keeps one.</summary>
    public void Set(KafkaNumber number, int value, int position)
    {
        switch (number)
        {
            case KafkaNumber.ReplicaId:
                ReplicaId = value;
                break;
            case KafkaNumber.Acks:
                Acks = (short)value;
                break;
            case KafkaNumber.MaxWait:
                MaxWait = value;
                break;
            case KafkaNumber.SessionId:
                SessionId = value;
                break;
            case KafkaNumber.SessionEpoch:
                SessionEpoch = value;
                break;
            default:
                AutoCreate = value != 0;
                AutoCreateAt = position;
                break;
        }
    }
}
