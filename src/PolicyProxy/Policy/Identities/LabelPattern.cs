using System.Buffers;
using System.Text;

namespace PolicyProxy.Policy.Identities;

/// <summary>Which names a <see cref="LabelPattern"/> covers. D is one of <c>[-a-zA-Z0-9_]</c>; a star stands for any number of D.</summary>
internal enum LabelPatternKind
{
    /// <summary>One name.</summary>
    Exact,

    /// <summary><c>*.x</c>: one label before x, possibly empty.</summary>
    OneLabelBelow,

    /// <summary><c>**.x</c>: one or more labels of one or more D before x.</summary>
    LabelsBelow,

    /// <summary>Stars elsewhere; as many labels as the pattern.</summary>
    Glob,

    /// <summary><c>**.</c> before a glob.</summary>
    LabelsThenGlob,

    /// <summary>Every name of one or more labels of one or more D.</summary>
    AnyName,

    /// <summary>As AnyName, and the root.</summary>
    AnyNameOrRoot,

    /// <summary>Every text at all, the empty one too.</summary>
    Everything,
}

/// <summary>
/// A name pattern with its notation stripped off: what FQDN patterns (semantics 6.1) and server name patterns (semantics 8.1) have in
/// common. Matches without case (ASCII only), without allocation, in at most name x label steps. Immutable.
/// </summary>
internal sealed class LabelPattern
{
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private readonly int _bodyDots;

    /// <summary>Creates a pattern that is not described by its text alone.</summary>
    /// <param name="kind">What it covers.</param>
    /// <param name="text">Lower-case text without a final dot.</param>
    public LabelPattern(LabelPatternKind kind, string text)
    {
        Kind = kind;
        Text = text;
        Body = kind switch
        {
            LabelPatternKind.OneLabelBelow => text[2..],
            LabelPatternKind.LabelsBelow or LabelPatternKind.LabelsThenGlob => text[3..],
            _ => text,
        };
        _bodyDots = Body.AsSpan().Count('.');
    }

    /// <summary>What it covers.</summary>
    public LabelPatternKind Kind { get; }

    /// <summary>Lower-case text without a final dot. Runs of stars are single, except a leading <c>**.</c>.</summary>
    public string Text { get; }

    /// <summary>The text behind a leading <c>*.</c> or <c>**.</c> of the kinds named after it; else the text.</summary>
    public string Body { get; }

    /// <summary>Reads the notation: leading <c>**.</c> (two stars or more), other runs of stars as one star, the rest literal.</summary>
    /// <param name="text">Lower-case, without a final dot, and not of stars alone.</param>
    public static LabelPattern Parse(string text)
    {
        var stars = text.AsSpan().IndexOfAnyExcept('*');
        var leading = stars >= 2 && text[stars] == '.';
        var body = CollapseStars(leading ? text[(stars + 1)..] : text);
        if (leading)
        {
            return new(body.Contains('*', StringComparison.Ordinal) ? LabelPatternKind.LabelsThenGlob : LabelPatternKind.LabelsBelow, "**." + body);
        }

        return body.LastIndexOf('*') switch
        {
            -1 => new(LabelPatternKind.Exact, body),
            0 when body is ['*', '.', ..] => new(LabelPatternKind.OneLabelBelow, body),
            _ => new(LabelPatternKind.Glob, body),
        };
    }

    /// <summary>True if the name is covered.</summary>
    /// <param name="name">Presentation form; a final dot counts, so callers that ignore it remove it first.</param>
    public bool Matches(ReadOnlySpan<char> name) => Kind switch
    {
        LabelPatternKind.Exact => Ascii.EqualsIgnoreCase(name, Text),
        LabelPatternKind.OneLabelBelow => name.IndexOf('.') is >= 0 and var dot
            && Ascii.EqualsIgnoreCase(name[(dot + 1)..], Body) && IsLabelText(name[..dot]),
        LabelPatternKind.LabelsBelow or LabelPatternKind.LabelsThenGlob => MatchesBelow(name),
        LabelPatternKind.Glob => MatchesGlob(name),
        LabelPatternKind.AnyName => IsLabels(name),
        LabelPatternKind.AnyNameOrRoot => name.IsEmpty || IsLabels(name),
        _ => true,
    };

    /// <summary>True if every character is a D; also for the empty text.</summary>
    public static bool IsLabelText(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LabelCharacters);

    /// <summary>True for one or more labels of one or more D, joined by dots.</summary>
    public static bool IsLabels(ReadOnlySpan<char> name)
    {
        foreach (var label in name.Split('.'))
        {
            if (name[label].IsEmpty || !IsLabelText(name[label]))
            {
                return false;
            }
        }

        return true;
    }

    // The body never crosses a dot, so it takes the last (dots + 1) labels and the rest must be labels.
    private bool MatchesBelow(ReadOnlySpan<char> name)
    {
        var cut = name.Length;
        for (var dots = 0; dots <= _bodyDots; dots++)
        {
            cut = name[..cut].LastIndexOf('.');
            if (cut < 0)
            {
                return false;
            }
        }

        var tail = name[(cut + 1)..];
        return (Kind == LabelPatternKind.LabelsBelow ? Ascii.EqualsIgnoreCase(tail, Body) : MatchesGlob(tail)) && IsLabels(name[..cut]);
    }

    // Greedy matching that goes back to the last star only. A star never crosses a dot, so a dot settles everything before it.
    private bool MatchesGlob(ReadOnlySpan<char> name)
    {
        var pattern = Body.AsSpan();
        var (p, n, afterStar, starEnd) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                afterStar = ++p;
                starEnd = n;
            }
            else if (p < pattern.Length && pattern[p] == ToLower(name[n]))
            {
                afterStar = pattern[p] == '.' ? -1 : afterStar;
                p++;
                n++;
            }
            else if (afterStar >= 0 && LabelCharacters.Contains(name[starEnd]))
            {
                n = ++starEnd;
                p = afterStar;
            }
            else
            {
                return false;
            }
        }

        return !pattern[p..].ContainsAnyExcept('*');
    }

    private static char ToLower(char character) => char.IsAsciiLetterUpper(character) ? (char)(character | 0x20) : character;

    private static string CollapseStars(string text)
    {
        while (text.Contains("**", StringComparison.Ordinal))
        {
            text = text.Replace("**", "*", StringComparison.Ordinal);
        }

        return text;
    }
}
