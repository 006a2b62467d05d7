using System.Buffers;
using System.Text;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>What options say of a Kafka request. Immutable.</summary>
internal sealed record AskedKafkaOptions
{
    public string ClientId { get; init; } = string.Empty;

    public string Group { get; init; } = string.Empty;

    public string TransactionalId { get; init; } = string.Empty;

    /// <summary>Null = the highest that the proxy offers clients.</summary>
    public short? ApiVersion { get; init; }
}

/// <summary>A Kafka request typed on a command line; a real one is made of it. Knows the name of its topic's id, as the proxy would. Immutable.</summary>
internal sealed class AskedKafka : IKafkaTopicNames
{
    private static readonly KafkaLimits s_limits = KafkaLimits.Default with { Bodies = KafkaBodyScope.EveryKnownRequest };
    private static readonly byte[] s_topicId = [.. Enumerable.Range(1, 16).Select(static i => (byte)i)];

    private readonly byte[] _topic;
    private readonly byte[] _frame;

    /// <summary>Makes one.</summary>
    /// <param name="apiKey">What is asked.</param>
    /// <param name="topic">Its topic; empty for none.</param>
    /// <param name="options">What else it says.</param>
    /// <exception cref="CommandFailureException">It has to name something that is not given.</exception>
    public AskedKafka(short apiKey, string topic, AskedKafkaOptions options)
    {
        _topic = Encoding.UTF8.GetBytes(topic);
        var version = options.ApiVersion ?? Math.Max(KafkaApiVersions.MaxVersion(apiKey, KafkaTopicReferences.NamesOnly), (short)0);
        var names = new KafkaPlainNames
        {
            ClientId = Encoding.UTF8.GetBytes(options.ClientId),
            Topic = _topic,
            TopicId = topic.Length == 0 ? default : s_topicId,
            Group = Encoding.UTF8.GetBytes(options.Group),
            TransactionalId = Encoding.UTF8.GetBytes(options.TransactionalId),
        };
        var output = new ArrayBufferWriter<byte>();
        KafkaPlainRequest.Write(apiKey, version, 1, names, output);
        _frame = output.WrittenSpan[sizeof(int)..].ToArray();
        Text = $"{KafkaApi.PolicyNameOf(apiKey)} {topic}".TrimEnd();
        ThrowIfIncomplete(topic);
    }

    /// <summary>Key and topic.</summary>
    public string Text { get; }

    private KafkaRequest Request => KafkaRequest.TryParse(_frame, s_limits, out var request, out var error)
        ? request
        : throw new CommandFailureException($"the request cannot be made: {error}");

    /// <summary>Asks a gate about it.</summary>
    public Explanation Explain(PolicyGate gate, in ConnectionTuple connection)
    {
        var request = Request;
        return gate.Explain(connection, new KafkaCall(request, this, new short[request.NameCount]));
    }

    public ReadOnlySpan<byte> Find(Guid id) => _topic;

    private void ThrowIfIncomplete(string topic)
    {
        var request = Request;
        if (request.TopicsUnknown)
        {
            return; // judged by its header alone
        }

        var namesTopic = request.TopicScope == KafkaTopicScope.All || KafkaSubscription.TryRead(request, out _);
        foreach (var name in request.Names)
        {
            namesTopic |= name.Kind is KafkaNameKind.Topic or KafkaNameKind.TopicId;
            if (name.Bytes.IsEmpty && name.IdBytes.IsEmpty)
            {
                throw new CommandFailureException($"{Text} names {Missing(name.Kind)}");
            }
        }

        if (topic.Length > 0 && !namesTopic)
        {
            throw new CommandFailureException($"{KafkaApi.PolicyNameOf(request.ApiKey)} names no topic: leave \"{topic}\" out");
        }

        if (request.NameCount == 0 && !namesTopic && KafkaApi.IsTopicScoped(request.ApiKey))
        {
            throw new CommandFailureException($"{Text} names {Missing(KafkaNameKind.Topic)}");
        }
    }

    private static string Missing(KafkaNameKind kind) => kind switch
    {
        KafkaNameKind.Group => "a group: give --group",
        KafkaNameKind.TransactionalId => "a transactional id: give --transactional-id",
        KafkaNameKind.Topic or KafkaNameKind.TopicId => "a topic: write it behind the request",
        _ => "more than can be given here",
    };
}
