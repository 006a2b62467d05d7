using System.Buffers;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>A selector key taken apart. <paramref name="Source"/> is <c>any</c> when the key names none.</summary>
internal readonly record struct LabelKey(string Source, string Key);

/// <summary>Syntax of label keys and values: Kubernetes' rules plus Cilium's <c>source:</c> prefix (semantics 2.1).</summary>
internal static class LabelSyntax
{
    private const int MaxNameLength = 63;
    private const int MaxPrefixLength = 253;

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly SearchValues<char> s_alphanumerics =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> s_lowerAlphanumerics = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> s_dnsCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Splits <c>[source:]key</c>; <c>$name</c> stands for <c>reserved:name</c>. False when any part breaks its syntax.</summary>
    public static bool TryParseKey(string text, out LabelKey key)
    {
        key = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (source, rest) = text.StartsWith('$')
            ? ("reserved", text[1..])
            : colon < 0 ? ("any", text) : (text[..colon], text[(colon + 1)..]);
        if (source.Length == 0 || source.AsSpan().ContainsAnyExcept(s_alphanumerics) || !IsQualifiedName(rest))
        {
            return false;
        }

        key = new LabelKey(source, rest);
        return true;
    }

    /// <summary>Empty, or at most 63 characters of the name alphabet with a letter or digit at both ends.</summary>
    public static bool IsValue(string text) => text.Length == 0 || IsName(text);

    /// <summary>An optional DNS-1123 prefix and a slash before a name.</summary>
    public static bool IsQualifiedName(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? IsName(text) : IsDnsSubdomain(text.AsSpan(0, slash)) && IsName(text.AsSpan(slash + 1));
    }

    /// <summary>DNS-1123 subdomain: lower-case labels of letters, digits and '-', at most 253 characters.</summary>
    public static bool IsDnsSubdomain(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxPrefixLength)
        {
            return false;
        }

        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.IsEmpty || label.ContainsAnyExcept(s_dnsCharacters) ||
                !s_lowerAlphanumerics.Contains(label[0]) || !s_lowerAlphanumerics.Contains(label[^1]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsName(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxNameLength &&
        !text.ContainsAnyExcept(s_nameCharacters) &&
        s_alphanumerics.Contains(text[0]) &&
        s_alphanumerics.Contains(text[^1]);
}
