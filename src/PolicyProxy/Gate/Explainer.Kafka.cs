using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Gate;

/// <content>Kafka requests: every rule for every name, since different names may have different rules (ADR-0010).</content>
internal sealed partial class Explainer
{
    public Explanation Explain(in KafkaCall call)
    {
        Connection();
        var final = permit.Verdict;
        if (final.Allowed && permit.Kind is not (L7Kind.None or L7Kind.Name) && permit.Policy is { } policy)
        {
            final = RequestJudge.Judge<KafkaJudge, KafkaCall>(permit, call);
            call.Settle(final.Allowed);
            if (policy.Kind == L7Kind.Kafka)
            {
                Requests(policy, call, final);
            }
        }

        return Conclude(final);
    }

    private void Requests(ConnectionPolicy policy, in KafkaCall call, in Verdict final)
    {
        foreach (var rule in policy.KafkaRules)
        {
            var (outcome, text) = Try(policy, rule, call);
            Add("kafka", outcome, rule.Origin, text);
        }

        if (final.Reason != VerdictReason.NoRuleMatched || final.Allowed)
        {
            return;
        }

        _nearest = null;
        var walk = policy.WalkKafka(call);
        foreach (var name in call.Request.Names)
        {
            _ = walk.MoveNext();
            if (call.Errors[name.Position] is not 0 and var error)
            {
                var why = walk.IsInVain ? $": nothing that it would be joined for may be consumed, such as {KafkaMissText.Text(call, walk.AtMissed().Name)}" : string.Empty;
                Add("kafka", StepOutcome.Denies, null, $"{KafkaMissText.Text(call, name)} gets error {error}{why}");
                _nearest ??= walk.Rule is null ? NearestKafkaRule.Find(policy, call, walk) : null;
            }
        }

        _nearest ??= NearestKafkaRule.Find(policy, call, default);
    }

    // What a rule allows of a request, and what it misses first.
    private static (StepOutcome Outcome, string Text) Try(ConnectionPolicy policy, KafkaMatchRule rule, in KafkaCall call)
    {
        var allowed = new List<string>();
        var missed = string.Empty;
        var walk = policy.WalkKafka(call);
        var isByName = false;
        while (walk.MoveNext())
        {
            isByName = true;
            var text = NearestKafkaRule.Compare(policy, rule, call, walk);
            if (text.Length == 0)
            {
                allowed.Add(KafkaMissText.Text(call, walk.Name));
            }
            else
            {
                missed = missed.Length == 0 ? text : missed;
            }
        }

        if (!isByName)
        {
            missed = NearestKafkaRule.Compare(policy, rule, call, default);
        }

        return missed.Length == 0 ? (StepOutcome.Allows, "matches")
            : allowed.Count > 0 ? (StepOutcome.Allows, $"allows {string.Join(", ", allowed)}; {missed}")
            : (StepOutcome.Misses, missed);
    }
}
