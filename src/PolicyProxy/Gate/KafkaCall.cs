using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Gate;

/// <summary>A Kafka request to judge, and the room for what is judged of each of its names. Lives as long as the request's frame.</summary>
public readonly ref struct KafkaCall
{
    /// <summary>A request to judge.</summary>
    /// <param name="request">The request, its body walked as <see cref="KafkaBodyScope.EveryKnownRequest"/>.</param>
    /// <param name="names">Where names of topic ids are to be had; null if there are none.</param>
    /// <param name="errors">At least <see cref="KafkaRequest.NameCount"/> long; the judgement overwrites it.</param>
    /// <exception cref="ArgumentException"><paramref name="errors"/> is too short.</exception>
    public KafkaCall(in KafkaRequest request, IKafkaTopicNames? names, Span<short> errors)
    {
        if (errors.Length < request.NameCount)
        {
            throw new ArgumentException("an error for each name has to fit", nameof(errors));
        }

        Request = request;
        TopicNames = names;
        Errors = errors[..request.NameCount];
    }

    /// <summary>The request.</summary>
    public KafkaRequest Request { get; }

    /// <summary>Where names of topic ids are to be had; null if there are none.</summary>
    public IKafkaTopicNames? TopicNames { get; }

    /// <summary>
    /// By position in <see cref="KafkaRequest.Names"/>, once judged: 0 for a name that is allowed, else the Kafka error code of its denial. All 0 if the request is
    /// allowed; some 0 and some not if only a part of it is denied.
    /// </summary>
    public Span<short> Errors { get; }

    /// <summary>Once judged and denied: true if some names are allowed, so that the request may go on without the others.</summary>
    public bool IsPartial => Errors.Contains<short>(0);

    /// <summary>Once judged and denied: the code of the request as a whole, where an answer has room for one only.</summary>
    internal short Error => Errors.IndexOfAnyExcept<short>(0) is >= 0 and var first ? Errors[first] : KafkaErrorCodes.Of(Request.ApiKey);

    /// <summary>The name of a topic; empty for an id whose name is not known.</summary>
    internal ReadOnlySpan<byte> NameOf(in KafkaName name) =>
        name.Kind == KafkaNameKind.TopicId ? (TopicNames is { } names ? names.Find(name.Id) : default) : name.Bytes;

    /// <summary>Denies every name that is not denied yet, or allows them all.</summary>
    internal void Settle(bool isAllowed)
    {
        if (isAllowed)
        {
            Errors.Clear();
            return;
        }

        if (Errors.IndexOfAnyExcept<short>(0) >= 0)
        {
            return; // denied name by name
        }

        foreach (var name in Request.Names)
        {
            Errors[name.Position] = KafkaErrorCodes.Of(name);
        }
    }
}
