using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Request rules as text without their place: merging drops exact duplicates (semantics 4.5).</summary>
internal static class RuleText
{
    public static string Of(HttpRule rule) => string.Join('\n',
    [
        rule.Path?.Value ?? "", rule.Method?.Value ?? "", rule.Host?.Value ?? "",
        .. rule.Headers.Select(h => "header " + h.Value),
        .. rule.HeaderMatches.Select(m => $"match {m.Name.Value}\r{m.Value}\r{m.Mismatch?.Value}\r{m.Secret?.Namespace}\r{m.Secret?.Name}"),
    ]);

    public static string Of(GrpcRule rule) =>
        $"{rule.Service?.Value}\n{rule.Method?.Value}\n{string.Join('\n', rule.Metadata.Select(m => $"{m.Key.Value}\r{m.Value.Value}"))}";

    public static string Of(DnsNameRule rule) =>
        $"{rule.MatchName?.Value}\n{rule.MatchPattern?.Value}\n{string.Join('\n', (rule.QueryTypes ?? []).Select(t => t.Value))}";

    public static string Of(KafkaRule rule) => string.Join('\n',
        rule.Role?.Value, rule.ApiKey?.Value, rule.ApiVersion?.Value, rule.ClientId?.Value, rule.Topic?.Value, rule.GroupId?.Value, rule.TransactionalId?.Value);
}
