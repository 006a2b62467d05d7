using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>Error codes with which policy answers. None of them makes a client try again, but for those that end a session.</summary>
public static class KafkaError
{
    /// <summary>TOPIC_AUTHORIZATION_FAILED.</summary>
    public const short TopicAuthorizationFailed = 29;

    /// <summary>GROUP_AUTHORIZATION_FAILED.</summary>
    public const short GroupAuthorizationFailed = 30;

    /// <summary>CLUSTER_AUTHORIZATION_FAILED, for requests that name nothing.</summary>
    public const short ClusterAuthorizationFailed = 31;

    /// <summary>TRANSACTIONAL_ID_AUTHORIZATION_FAILED.</summary>
    public const short TransactionalIdAuthorizationFailed = 53;

    /// <summary>OPERATION_NOT_ATTEMPTED: allowed, but in a request that is all or nothing.</summary>
    public const short OperationNotAttempted = 55;

    /// <summary>FETCH_SESSION_ID_NOT_FOUND: the client begins a new session and names all its topics again.</summary>
    public const short FetchSessionIdNotFound = 70;

    /// <summary>UNKNOWN_TOPIC_ID.</summary>
    public const short UnknownTopicId = 100;

    /// <summary>SHARE_SESSION_NOT_FOUND.</summary>
    public const short ShareSessionNotFound = 122;
}

/// <summary>Answers for requests that go no further, in the layout of the request's own key and version. Static and thread-safe.</summary>
public static class KafkaErrorResponse
{
    /// <summary>
    /// Writes a whole response, with its length, that repeats everything asked for, each with its error: that of its name, else that of the
    /// group or transaction around it, else <paramref name="otherwise"/>. In AddPartitionsToTxn, which is all or nothing, what has no error
    /// of its own beside one that has gets <see cref="KafkaError.OperationNotAttempted"/>.
    /// </summary>
    /// <param name="request">The request, also one read by <see cref="KafkaStreamReader"/> once complete.</param>
    /// <param name="errors">By <see cref="KafkaName.Position"/>; 0 or missing: no error of its own.</param>
    /// <param name="otherwise">For all that has no error of its own; not 0.</param>
    /// <param name="output">Receives the response.</param>
    /// <returns>
    /// False, and nothing is written, if there is no answer and the connection has to be closed: the layout is not known or was not walked,
    /// a Produce that wants no response, Metadata, whose answer needs the broker's own list of brokers, an outline that is not complete, and
    /// AlterReplicaLogDirs, AlterClientQuotas and AlterUserScramCredentials.
    /// </returns>
    public static bool TryWrite(in KafkaRequest request, ReadOnlySpan<short> errors, short otherwise, IBufferWriter<byte> output)
    {
        if (otherwise == 0 || request.ApiKey == KafkaApi.Metadata || request is { ApiKey: KafkaApi.Produce, Acks: 0 })
        {
            return false;
        }

        var isAllOrNothing = request.ApiKey == KafkaApi.AddPartitionsToTxn && errors.ContainsAnyExcept((short)0);
        return Write(request, errors, isAllOrNothing ? KafkaError.OperationNotAttempted : otherwise, output);
    }

    /// <summary>
    /// Writes a response that ends the session of a Fetch or ShareFetch, so that the client names all its topics again: what policy no
    /// longer allows does not go on because it was allowed once.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="output">Receives the response, with its length.</param>
    /// <returns>False, and nothing is written, for requests without a session.</returns>
    public static bool TryWriteSessionEnd(in KafkaRequest request, IBufferWriter<byte> output)
    {
        var error = request switch
        {
            { ApiKey: KafkaApi.Fetch, ApiVersion: >= 7 } => KafkaError.FetchSessionIdNotFound,
            { ApiKey: KafkaApi.ShareFetch or KafkaApi.ShareAcknowledge } => KafkaError.ShareSessionNotFound,
            _ => (short)0,
        };
        return error != 0 && Write(request, [], error, output, isForAll: true);
    }

    /// <summary>As <see cref="TryWrite"/>, for any key; 0 for <paramref name="otherwise"/> leaves out what has no error.</summary>
    internal static bool Write(in KafkaRequest request, ReadOnlySpan<short> errors, short otherwise, IBufferWriter<byte> output, bool isForAll = false)
    {
        if (request.Layout is null || !request.IsOutlineComplete || KafkaResponseTable.Find(request.ApiKey, request.ApiVersion) is not { } layout
            || layout.Answer == KafkaAnswer.None)
        {
            return false;
        }

        layout = isForAll ? layout.ForAll : layout;
        var length = Write(request, layout, errors, otherwise, default, 0);
        if (length > MaxResponseBytes)
        {
            return false;
        }

        Write(request, layout, errors, otherwise, output.GetSpan((int)length), (int)length);
        output.Advance((int)length);
        return true;
    }

    // more than a frame of the default limit: a request of partition numbers alone grows when answered
    private const long MaxResponseBytes = 1 << 27;

    private static long Write(in KafkaRequest request, KafkaLayout layout, ReadOnlySpan<short> errors, short otherwise, Span<byte> target, int length)
    {
        var output = new KafkaFrameWriter(target, layout.IsFlexible);
        output.Number(sizeof(int), length - KafkaFrameWriter.LengthBytes);
        output.Number(sizeof(int), request.CorrelationId);
        if (KafkaResponseTable.HasTaggedHeader(request.ApiKey, layout))
        {
            output.Byte(0);
        }

        var writer = new KafkaErrorWriter(layout, request.Walk(KafkaWalkMode.Structure), errors, otherwise);
        writer.WriteBody(layout, ref output);
        return output.Length;
    }
}
