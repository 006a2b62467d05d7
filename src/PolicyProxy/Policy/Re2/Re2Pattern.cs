using System.Diagnostics.CodeAnalysis;

namespace PolicyProxy.Policy.Re2;

/// <summary>A parsed RE2 pattern, matched in full (an implicit <c>\A(?:…)\z</c>). Immutable, thread-safe.</summary>
internal sealed class Re2Pattern
{
    private Re2Pattern(string text, Re2Node root)
    {
        Text = text;
        Root = root;
        Literal = Re2Shape.FindLiteral(root);
        LiteralPrefix = Re2Shape.FindLiteralPrefix(root);
    }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>The only string the pattern matches, or null when there is not exactly one that is easily seen.</summary>
    public string? Literal { get; }

    /// <summary>Non-null when the pattern matches exactly this prefix followed by anything without a line feed, as <c>/api/v1/.*</c> does.
    /// The rest must still be well-formed Unicode: a lone surrogate or invalid UTF-8 never matches.</summary>
    public string? LiteralPrefix { get; }

    /// <summary>True for <c>.*</c>: everything without a line feed matches.</summary>
    public bool MatchesEverything => LiteralPrefix is "";

    /// <summary>The tree, without the assertions at its ends that a full match makes redundant.</summary>
    internal Re2Node Root { get; }

    /// <summary>Parses a pattern. On failure <paramref name="error"/> says why and where, in the words of Go's regexp package.</summary>
    public static bool TryParse(string pattern, [NotNullWhen(true)] out Re2Pattern? result, out Re2Error error)
    {
        var root = Re2Parser.Parse(pattern, out error);
        result = root is null ? null : new Re2Pattern(pattern, Re2Shape.StripAnchors(root));
        return result is not null;
    }
}
