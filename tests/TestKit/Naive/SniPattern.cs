using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Server name patterns (semantics 8.1).</summary>
internal static class SniPattern
{
    private const string Char = "[-a-z0-9_]";
    private static readonly ConcurrentDictionary<string, Regex> Cache = new();

    public static bool Matches(string pattern, string serverName) =>
        Cache.GetOrAdd(pattern, static p => new Regex(@"\A(?:" + Translate(p) + @")\z", RegexOptions.CultureInvariant))
            .IsMatch(serverName.ToLowerInvariant());

    private static string Translate(string pattern)
    {
        var text = pattern.ToLowerInvariant();
        text = text.EndsWith('.') ? text[..^1] : text;
        var labels = "";
        var stars = text.TakeWhile(c => c == '*').Count();
        if (stars >= 2 && stars < text.Length && text[stars] == '.')
        {
            labels = $@"{Char}+(?:\.{Char}+)*\.";
            text = text[(stars + 1)..];
        }

        return labels.Length == 0 && text.All(c => c == '*')
            ? $@"{Char}+(?:\.{Char}+)*"
            : labels + Regex.Replace(Regex.Escape(text), @"(?:\\\*)+", Char + "*");
    }
}
