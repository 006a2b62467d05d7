using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>Decides one Kafka request against all Kafka rules that apply to a connection. Immutable.</summary>
internal abstract class KafkaMatcher
{
    protected KafkaMatcher(IReadOnlyList<PolicyMapEntry> covering)
    {
        Rules = [.. covering.Where(static e => e.Policy.Parser == L7Kind.Kafka).SelectMany(static e => e.Policy.Kafka)];
        FallThrough = covering.FirstOrDefault(static e => !e.Policy.Deny && e.Policy.Parser is L7Kind.None or L7Kind.Tls)?.Policy.Origins[0];
    }

    /// <summary>The rules, in order; used to explain.</summary>
    public KafkaMatchRule[] Rules { get; }

    /// <summary>What admits the connection without looking into it; null if nothing does.</summary>
    protected RuleOrigin? FallThrough { get; }

    /// <summary>Judges a request; <see cref="KafkaCall.Errors"/> gets what is judged of its names, unless one verdict is for them all.</summary>
    public abstract Verdict Match(in KafkaCall call);

    /// <summary>True if whoever sends this request may send any other.</summary>
    public bool IsOpen(in KafkaRequest request)
    {
        foreach (var rule in Rules)
        {
            if (rule.IsUnlimited && KafkaNameWalk.IsOfSender(rule, request))
            {
                return true;
            }
        }

        return FallThrough is not null;
    }

    /// <summary>The names, judged again one by one; for flows of requests of which a part is denied.</summary>
    public virtual KafkaNameWalk Walk(in KafkaCall call) => default;

    /// <summary>True if a rule alone allows the name at hand; used to explain.</summary>
    /// <param name="rule">One of <see cref="Rules"/>.</param>
    /// <param name="call">The request.</param>
    /// <param name="walk">At the name; <c>default</c> asks about the request as a whole.</param>
    public abstract bool Grants(KafkaMatchRule rule, in KafkaCall call, in KafkaNameWalk walk);

    /// <summary>True if a response to this request may show a topic.</summary>
    public virtual bool Shows(in KafkaCall call, in KafkaName name) => true;

    /// <summary>True if the topics of an allowed Metadata request may come into being by being asked for.</summary>
    public virtual bool Creates(in KafkaCall call) => true;

    protected static Verdict Allow(RuleOrigin rule) => new(true, VerdictReason.AllowedByRule, rule);

    protected static Verdict Deny() => new(false, VerdictReason.NoRuleMatched);
}
