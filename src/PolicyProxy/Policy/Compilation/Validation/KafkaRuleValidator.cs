using System.Buffers;
using System.Globalization;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates Kafka rules as Cilium 1.19 does (semantics 7.1).</summary>
internal static class KafkaRuleValidator
{
    private const int MaxTopicLength = 255;

    /// <summary>A backslash passes too: the topic expression of Cilium lets it through.</summary>
    private static readonly SearchValues<char> s_topicCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-\\");

    /// <summary>An exact API version, 0 to 32767. A leading plus sign is allowed, as in Cilium.</summary>
    public static bool TryParseApiVersion(string text, out short version) =>
        short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out version) && version >= 0;

    public static void Validate(KafkaRule rule, ValidationScope scope)
    {
        if (rule.Role is { } role)
        {
            if (rule.ApiKey is not null)
            {
                Error(role, $"{rule.RulePath} has role and apiKey", "keep one of the two; make two rules to allow both", scope);
            }

            if (!KafkaApiKeys.TryParseRole(role.Value, out _))
            {
                Error(role, $"Kafka role \"{role.Value}\" is unknown", "use produce or consume", scope);
            }
        }

        if (rule.ApiKey is { } key && !KafkaApiKeys.TryParse(key.Value, out _))
        {
            Error(key, $"Kafka apiKey \"{key.Value}\" is unknown", "use a name such as produce, fetch or metadata", scope);
        }

        if (rule.ApiVersion is { } version && !TryParseApiVersion(version.Value, out _))
        {
            Error(version, $"Kafka apiVersion \"{version.Value}\" is not a number from 0 to 32767", "write one version, or leave it out for all", scope);
        }

        if (rule.Topic is { } topic && (topic.Value.Length > MaxTopicLength || topic.Value.AsSpan().ContainsAnyExcept(s_topicCharacters)))
        {
            Error(topic, $"Kafka topic \"{topic.Value}\" is not valid", "use at most 255 letters, digits, '.', '_' and '-'; there are no wildcards", scope);
        }
    }

    private static void Error(Located<string> place, string message, string fix, ValidationScope scope) =>
        scope.Error(PolicyDiagnosticIds.KafkaRule, place.Span, message, fix);
}
