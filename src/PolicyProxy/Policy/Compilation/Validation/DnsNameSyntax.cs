using System.Buffers;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Characters of DNS names and patterns in rules (semantics 1.9). Looser than DNS: empty labels pass and match nothing.</summary>
internal static class DnsNameSyntax
{
    /// <summary>Longest pattern, in characters after trimming.</summary>
    public const int MaxLength = 255;

    private const string NameAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create(NameAlphabet);

    private static readonly SearchValues<char> s_patternCharacters = SearchValues.Create(NameAlphabet + "*");

    public static bool IsName(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_nameCharacters);

    public static bool IsPattern(string text)
    {
        var trimmed = text.AsSpan().Trim();
        return trimmed.Length is > 0 and <= MaxLength && !trimmed.ContainsAnyExcept(s_patternCharacters);
    }

    /// <summary>What the schema of Cilium's resources additionally asks for: no empty label, at most 255 characters.</summary>
    public static bool FitsSchema(string text) =>
        text.Length <= MaxLength && !text.StartsWith('.') && !text.Contains("..", StringComparison.Ordinal) && text == text.Trim();
}
