using System.Text;

namespace PolicyProxy.TestKit.Generation;

/// <summary>A random RE2 expression and texts it matches.</summary>
internal sealed record GeneratedRegex(string Pattern, Func<string> Sample)
{
    public static GeneratedRegex Literal(string text) => new(Escape(text), () => text);

    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            escaped.Append(char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '=' or '&' or ':' ? $"{c}" : $@"\{c}");
        }

        return escaped.ToString();
    }
}

/// <summary>Makes expressions over a handful of characters, so that different rules meet on the same texts.</summary>
internal sealed class RegexGenerator(CaseRandom random)
{
    private static readonly string[] Words = ["a", "b", "ab", "api", "v1", "x", "admin", "1", "42"];

    private static readonly (string Pattern, string Members)[] Classes =
    [
        ("[ab]", "ab"), ("[0-9]", "0147"), (@"\d", "058"), (@"\w", "aZ_9"), ("[[:alpha:]]", "abXY"), ("[^/]", "ab1.x"), ("[^ab]", "x1/"),
        (".", "a/1"), ("[a-c1]", "abc1"), (@"[\w-]", "a-9"), (@"\pL", "aB"), (@"[^\d]", "ab/"), ("[[:^digit:]x]", "ax"), (@"\W", "/.-"),
    ];

    /// <summary>An expression of the shapes people write for paths.</summary>
    public GeneratedRegex Path()
    {
        var literal = "/" + string.Join('/', random.Some(0, 2, () => random.Pick(Words)));
        switch (random.Weighted(35, 20, 8, 8, 4, 25))
        {
            case 0:
                return GeneratedRegex.Literal(literal);
            case 1:
                return new(GeneratedRegex.Escape(literal) + ".*", () => literal + Text());
            case 2:
                return new(GeneratedRegex.Escape(literal) + @"(\?.*)?", () => random.Chance(50) ? literal : literal + "?" + Text());
            case 3:
                return new($"{GeneratedRegex.Escape(literal)}/[^/]+", () => $"{literal}/{random.Pick(Words)}");
            case 4:
                return new("(?i)" + GeneratedRegex.Escape(literal), () => random.Chance(50) ? literal : literal.ToUpperInvariant());
            default:
                var inner = Node(3);
                return new("/" + inner.Pattern, () => "/" + inner.Sample());
        }
    }

    /// <summary>Any expression, nested at most <paramref name="depth"/> deep.</summary>
    public GeneratedRegex Node(int depth)
    {
        if (depth == 0 || random.Chance(25))
        {
            return Leaf();
        }

        var one = Node(depth - 1);
        switch (random.Weighted(30, 20, 10, 10, 10, 8, 6, 3, 3))
        {
            case 0:
                var next = Node(depth - 1);
                return new(one.Pattern + next.Pattern, () => one.Sample() + next.Sample());
            case 1:
                var other = Node(depth - 1);
                return new($"(?:{one.Pattern}|{other.Pattern})", () => random.Chance(50) ? one.Sample() : other.Sample());
            case 2:
                return new($"({one.Pattern})*", () => Repeat(one, 0, 3));
            case 3:
                return new($"(?:{one.Pattern})+", () => Repeat(one, 1, 3));
            case 4:
                return new($"(?P<n{random.Next(1000)}x{random.Next(100000)}>{one.Pattern})?", () => Repeat(one, 0, 1));
            case 5:
                var low = random.Between(0, 2);
                var high = low + random.Between(0, 2);
                return new($"(?:{one.Pattern}){{{low},{high}}}", () => Repeat(one, low, high));
            case 6:
                return new($"(?i:{one.Pattern})", () => random.Chance(50) ? one.Sample() : one.Sample().ToUpperInvariant());
            case 7:
                return new($"(?:{one.Pattern})*?", () => Repeat(one, 0, 2));
            default:
                return new($"(?:^{one.Pattern}$|{one.Pattern})", one.Sample);
        }
    }

    /// <summary>A short text of the same characters that expressions use.</summary>
    public string Text() => string.Concat(random.Some(0, 3, () => random.Pick(["a", "b", "/", "1", ".", "x", "api", "=", "A"])));

    private GeneratedRegex Leaf()
    {
        if (random.Chance(55))
        {
            return GeneratedRegex.Literal(random.Pick(Words));
        }

        var (pattern, members) = random.Pick(Classes);
        return new(pattern, () => members[random.Next(members.Length)].ToString());
    }

    private string Repeat(GeneratedRegex node, int low, int high) => string.Concat(random.Some(low, high, node.Sample));
}
