using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Name patterns of DNS rules and <c>toFQDNs</c> (semantics 6.1).</summary>
internal static class DnsPattern
{
    private const string Char = "[-a-zA-Z0-9_]";
    private static readonly ConcurrentDictionary<string, Regex> Cache = new();

    /// <summary>Trimmed, lower-cased and with a final dot.</summary>
    public static string Qualify(string name)
    {
        var text = name.Trim().ToLowerInvariant();
        return text.EndsWith('.') ? text : text + ".";
    }

    /// <summary>Matches qualified names; null when the rule has neither name nor pattern and so matches nothing.</summary>
    /// <param name="rule">Name and pattern are OR-ed.</param>
    /// <param name="matchAllIsAnyName">True for DNS rules, whose <c>*</c> matches any text; a <c>toFQDNs</c> star wants valid labels.</param>
    public static Regex? Of(DnsNameRule rule, bool matchAllIsAnyName)
    {
        List<string> alternatives = [];
        if (rule.MatchName is { Value.Length: > 0 } name)
        {
            alternatives.Add(Regex.Escape(Qualify(name.Value)));
        }

        if (rule.MatchPattern is { Value.Length: > 0 } pattern)
        {
            alternatives.Add(Translate(pattern.Value, matchAllIsAnyName));
        }

        return alternatives.Count == 0
            ? null
            : Cache.GetOrAdd(@"\A(?:" + string.Join('|', alternatives) + @")\z", static t => new Regex(t, RegexOptions.CultureInvariant));
    }

    private static string Translate(string pattern, bool matchAllIsAnyName)
    {
        var text = pattern.Trim().ToLowerInvariant();
        if (text.TrimEnd('.').All(c => c == '*') && text.Count(c => c == '.') <= 1)
        {
            return matchAllIsAnyName ? @"[\s\S]*" : $@"(?:{Char}+\.)+|\.";
        }

        text = Qualify(text);
        var labels = "";
        var stars = text.TakeWhile(c => c == '*').Count();
        if (stars >= 2 && text[stars] == '.')
        {
            labels = $@"{Char}+(?:\.{Char}+)*\.";
            text = text[(stars + 1)..];
        }

        return labels + Regex.Replace(Regex.Escape(text), @"(?:\\\*)+", Char + "*");
    }
}
