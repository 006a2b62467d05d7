using System.Buffers;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Syntax of <c>serverNames</c> (semantics 8.1).</summary>
internal static class ServerNameSyntax
{
    private static readonly SearchValues<char> s_characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_*");

    /// <summary>
    /// The pattern as the proxy matches it: lower case, without one trailing dot, a leading run of stars before a dot as <c>**</c>, every other run as
    /// one star. False when what is left is not dot-separated labels of letters, digits, '-', '_' and stars.
    /// </summary>
    public static bool TryNormalise(string text, out string pattern)
    {
        pattern = "";
        var name = text.ToLowerInvariant().AsSpan();
        name = name.EndsWith('.') ? name[..^1] : name;
        var stars = name.Length - name.TrimStart('*').Length;
        var manyLabels = stars >= 2 && stars < name.Length && name[stars] == '.';
        var collapsed = new System.Text.StringBuilder(manyLabels ? "**" : "", name.Length);
        for (var i = manyLabels ? stars : 0; i < name.Length; i++)
        {
            if (name[i] != '*' || i == 0 || name[i - 1] != '*')
            {
                collapsed.Append(name[i]);
            }
        }

        pattern = collapsed.ToString();
        foreach (var range in pattern.AsSpan().Split('.'))
        {
            var label = pattern.AsSpan()[range];
            if (label.IsEmpty || label.ContainsAnyExcept(s_characters))
            {
                return false;
            }
        }

        return true;
    }
}
