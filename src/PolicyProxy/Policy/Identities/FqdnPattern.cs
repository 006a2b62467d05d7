using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace PolicyProxy.Policy.Identities;

/// <summary>Where a pattern stands; decides what stars alone mean (semantics 6.1).</summary>
internal enum FqdnPatternUse
{
    /// <summary><c>toFQDNs</c>: stars alone cover names of valid label characters, and the root.</summary>
    ToFqdns,

    /// <summary><c>rules.dns</c>: stars alone cover every query name.</summary>
    DnsRule,
}

/// <summary>
/// <c>matchName</c> or <c>matchPattern</c> of a policy (semantics 6.1). Case and a final dot, in the pattern and in the name, do not
/// matter. Immutable; matching allocates nothing.
/// </summary>
internal sealed class FqdnPattern
{
    /// <summary>Longest text accepted, in characters, after trimming; the length of a DNS name.</summary>
    public const int MaxChars = 255;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> PatternCharacters =
        SearchValues.Create("*-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private FqdnPattern(LabelPattern labels) => Labels = labels;

    /// <summary>The pattern in lower case, without surrounding spaces and without a final dot.</summary>
    public string Text => Labels.Text;

    /// <summary>The pattern without its notation.</summary>
    internal LabelPattern Labels { get; }

    /// <summary>Reads a <c>matchName</c>: one name, no stars.</summary>
    /// <param name="text">As written.</param>
    /// <param name="pattern">The pattern; null on failure.</param>
    /// <param name="reason">What is wrong, a clause for a diagnostic; empty on success.</param>
    public static bool TryParseName(string text, [NotNullWhen(true)] out FqdnPattern? pattern, out string reason)
    {
        pattern = TryPrepare(text, NameCharacters, out var prepared, out reason)
            ? new FqdnPattern(new LabelPattern(LabelPatternKind.Exact, WithoutFinalDot(prepared)))
            : null;
        return pattern is not null;
    }

    /// <summary>Reads a <c>matchPattern</c>.</summary>
    /// <param name="text">As written.</param>
    /// <param name="use">Where it stands.</param>
    /// <param name="pattern">The pattern; null on failure.</param>
    /// <param name="reason">What is wrong, a clause for a diagnostic; empty on success.</param>
    public static bool TryParsePattern(string text, FqdnPatternUse use, [NotNullWhen(true)] out FqdnPattern? pattern, out string reason)
    {
        pattern = null;
        if (!TryPrepare(text, PatternCharacters, out var prepared, out reason))
        {
            return false;
        }

        var body = WithoutFinalDot(prepared);
        var onlyStars = body.Length > 0 && !body.AsSpan().ContainsAnyExcept('*');
        pattern = new FqdnPattern(!onlyStars ? LabelPattern.Parse(body)
            : use == FqdnPatternUse.DnsRule ? new LabelPattern(LabelPatternKind.Everything, "*")
            : new LabelPattern(LabelPatternKind.AnyNameOrRoot, "*"));
        return true;
    }

    /// <summary>True if the name is covered.</summary>
    /// <param name="name">Presentation form, with or without a final dot; the root is <c>.</c> or empty.</param>
    public bool Matches(ReadOnlySpan<char> name) => Labels.Matches(WithoutFinalDot(name));

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static ReadOnlySpan<char> WithoutFinalDot(ReadOnlySpan<char> name) => name is [.. var rest, '.'] ? rest : name;

    private static string WithoutFinalDot(string name) => name is [.. var rest, '.'] ? rest : name;

    private static bool TryPrepare(string text, SearchValues<char> characters, out string prepared, out string reason)
    {
        prepared = text.Trim().ToLowerInvariant();
        var bad = prepared.AsSpan().IndexOfAnyExcept(characters);
        reason = prepared.Length == 0 ? "is empty"
            : prepared.Length > MaxChars ? $"is longer than {MaxChars} characters"
            : bad >= 0 ? $"has the character '{prepared[bad]}'; allowed are letters, digits, '-', '_' and '.'{(characters.Contains('*') ? " and '*'" : "")}"
            : "";
        return reason.Length == 0;
    }
}
