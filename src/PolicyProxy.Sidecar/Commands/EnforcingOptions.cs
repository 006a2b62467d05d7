using System.CommandLine;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Options of the verbs that enforce: how close to Cilium they are, what Kafka clients see, and where the keys of TLS are.</summary>
internal sealed class EnforcingOptions
{
    private readonly Option<string> _compat = CommonOptions.Compat();

    private readonly Option<string> _topics = new("--kafka-topics")
    {
        Description = "Topics a Kafka client may not use, in lists of all topics. hidden: left out. denied: shown with an authorization error.",
        DefaultValueFactory = _ => "hidden",
    };

    private readonly Option<bool> _topicIds = new("--kafka-topic-ids")
    {
        Description = "Offer Kafka clients versions that give topics by id; their names are asked of the broker. Default: versions that give names, where there are any.",
    };

    private readonly Option<string?> _secrets = new("--tls-secrets")
    {
        HelpName = "DIR",
        Description = "Secrets that terminatingTLS and originatingTLS name, besides those among the policies: DIR/NAMESPACE/NAME/tls.crt, tls.key, ca.crt. New ones are used from the next connection on.",
    };

    public EnforcingOptions() => _topics.AcceptOnlyFromAmong("hidden", "denied");

    public IEnumerable<Option> All => [_compat, _topics, _topicIds, _secrets];

    public bool IsCiliumCompatible(ParseResult parsed) => CommonOptions.IsCilium(parsed.GetValue(_compat));

    /// <summary>The folder of secrets, or null.</summary>
    public string? Secrets(ParseResult parsed) => parsed.GetValue(_secrets);

    public KafkaOptions Kafka(ParseResult parsed) => new()
    {
        HidesTopics = parsed.GetValue(_topics) != "denied",
        PrefersNames = !parsed.GetValue(_topicIds),
    };
}
