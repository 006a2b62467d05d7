namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>
/// A regular expression made only of literals, single dots, top-level alternatives and a final <c>.*</c>: most of what policies
/// contain. Such patterns can be compared with each other. Immutable.
/// </summary>
internal sealed class SimplePattern
{
    /// <summary>Stands for "any one character" among the literals; no valid pattern text contains it.</summary>
    public const char AnyCharacter = '\0';

    private SimplePattern(IReadOnlyList<Branch> branches) => Branches = branches;

    public IReadOnlyList<Branch> Branches { get; }

    /// <summary>True if the pattern matches every text, or every text that starts with a slash.</summary>
    public bool MatchesEverything => Branches.Any(b => b.IsOpen && b.Text is "" or "/" or "\0");

    /// <summary>Reads a pattern; null when it is not of the simple shape.</summary>
    public static SimplePattern? TryParse(string pattern)
    {
        var body = Unwrap(pattern);
        var branches = new List<Branch>();
        foreach (var part in body.Split('|'))
        {
            if (Branch.TryParse(part) is not { } branch)
            {
                return null;
            }

            branches.Add(branch);
        }

        return new SimplePattern(branches);
    }

    /// <summary>
    /// True if everything <paramref name="inner"/> matches is certainly matched by <paramref name="outer"/>. Null and empty are
    /// absent parts, which match everything.
    /// </summary>
    public static bool Covers(string? outer, string? inner)
    {
        if (string.IsNullOrEmpty(outer) || outer == inner)
        {
            return true;
        }

        if (TryParse(outer) is not { } wide)
        {
            return false;
        }

        if (string.IsNullOrEmpty(inner))
        {
            return wide.Branches.Any(b => b is { IsOpen: true, Text: "" });
        }

        return TryParse(inner) is { } narrow && narrow.Branches.All(b => wide.Branches.Any(w => w.Covers(b)));
    }

    /// <summary>Removes what means nothing under full match: anchors and a group around the whole.</summary>
    public static string Unwrap(string pattern)
    {
        var body = pattern;
        body = body.StartsWith('^') ? body[1..] : body;
        body = body.EndsWith('$') && !body.EndsWith("\\$", StringComparison.Ordinal) ? body[..^1] : body;
        if (body.StartsWith('(') && body.EndsWith(')') && body.LastIndexOf('(') == 0 && body.IndexOf(')', StringComparison.Ordinal) == body.Length - 1)
        {
            body = body.StartsWith("(?:", StringComparison.Ordinal) ? body[3..^1] : body[1..^1];
        }

        return body;
    }

    /// <summary>One alternative. <paramref name="IsOpen"/>: it ends in <c>.*</c>.</summary>
    internal sealed record Branch(string Text, bool IsOpen)
    {
        public static Branch? TryParse(string part)
        {
            var isOpen = part.EndsWith(".*", StringComparison.Ordinal) && !part.EndsWith("\\.*", StringComparison.Ordinal);
            var body = isOpen ? part[..^2] : part;
            var text = new System.Text.StringBuilder(body.Length);
            for (var i = 0; i < body.Length; i++)
            {
                var c = body[i];
                if (c == '\\' && i + 1 < body.Length && !char.IsAsciiLetterOrDigit(body[i + 1]))
                {
                    i++;
                    text.Append(body[i]);
                }
                else if (c == '.')
                {
                    text.Append(AnyCharacter);
                }
                else if ("\\*+?{}[]()^$".Contains(c, StringComparison.Ordinal))
                {
                    return null;
                }
                else
                {
                    text.Append(c);
                }
            }

            return new Branch(text.ToString(), isOpen);
        }

        public bool Covers(Branch other)
        {
            if (IsOpen ? other.Text.Length < Text.Length : other.IsOpen || other.Text.Length != Text.Length)
            {
                return false;
            }

            for (var i = 0; i < Text.Length; i++)
            {
                if (Text[i] != AnyCharacter && Text[i] != other.Text[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
