using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Compares selectors as written, without knowing any label set. Both answers err towards "no".</summary>
internal static class SelectorCoverage
{
    /// <summary>True if every subject of <paramref name="rule"/> is certainly a subject of <paramref name="other"/>.</summary>
    public static bool Covers(PolicyDocument otherDocument, PolicyRule other, PolicyDocument document, PolicyRule rule)
    {
        if (other.EndpointSelector is null || rule.EndpointSelector is null || other.NodeSelector is not null)
        {
            return ReferenceEquals(other, rule);
        }

        if (otherDocument.Namespace is not null && otherDocument.Namespace != document.Namespace)
        {
            return false;
        }

        var own = Requirements(rule.EndpointSelector).ToHashSet(StringComparer.Ordinal);
        return Requirements(other.EndpointSelector).All(own.Contains);
    }

    /// <summary>True unless the two selectors ask for different values of one label.</summary>
    public static bool MayOverlap(SelectorSpec first, SelectorSpec second)
    {
        foreach (var label in first.MatchLabels)
        {
            foreach (var other in second.MatchLabels)
            {
                if (PlainKey(label.Key.Value) == PlainKey(other.Key.Value) && label.Value.Value != other.Value.Value)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>A text per requirement; equal requirements have equal texts whatever their order or source prefix.</summary>
    public static IEnumerable<string> Requirements(SelectorSpec selector)
    {
        foreach (var label in selector.MatchLabels)
        {
            yield return $"{PlainKey(label.Key.Value)} In {label.Value.Value}";
        }

        foreach (var expression in selector.MatchExpressions)
        {
            var values = expression.Values.Select(v => v.Value).Order(StringComparer.Ordinal);
            yield return $"{PlainKey(expression.Key.Value)} {expression.Operator.Value} {string.Join(',', values)}".TrimEnd();
        }
    }

    /// <summary>The selector in one line.</summary>
    public static string Text(SelectorSpec selector) => string.Join(';', Requirements(selector).Order(StringComparer.Ordinal));

    /// <summary>A key without the prefixes that workload labels have anyway.</summary>
    public static string PlainKey(string key) =>
        key.StartsWith("k8s:", StringComparison.Ordinal) || key.StartsWith("any:", StringComparison.Ordinal) ? key[4..] : key;
}
