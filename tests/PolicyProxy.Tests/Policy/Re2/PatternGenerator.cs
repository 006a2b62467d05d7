namespace PolicyProxy.Tests.Policy.Re2;

/// <summary>Random patterns and inputs over a small alphabet, so that matches are frequent.</summary>
internal sealed class PatternGenerator(int seed, string[] atoms, string[] characters)
{
    private static readonly string[] Repetitions = ["*", "+", "?", "*?", "{2}", "{0,2}", "{1,}", "{0}"];

    private readonly Random _random = new(seed);

    /// <summary>What System.Text.RegularExpressions and RE2 agree on.</summary>
    public static PatternGenerator Common(int seed) => new(
        seed,
        ["a", "b", "c", "/", "ab", "a", "b", ".", "[a-c]", "[^a]", "[a/]", "(?i:a)", "(?i:B)", "(?s:.)", "é", "日", @"\x41", "^", @"\z", "[0-9]", "1"],
        ["a", "b", "c", "/", "A", "B", "1", "é", "日", "\n"]);

    /// <summary>Everything.</summary>
    public static PatternGenerator Full(int seed) => new(
        seed,
        ["a", "b", "k", "/", "ab", ".", "[a-c]", "[^a]", @"\w", @"\W", @"\b", @"\B", "^", "$", "(?m:^)", "(?m:$)", "(?i:k)", "(?i:É)", @"\pL", @"\p{Greek}",
            "(?s:.)", "(?i:s)", @"\d", "é", "日", "𝒳", "[é-日]", @"\n", "_", @"\PL", "[[:^alpha:]]"],
        ["a", "b", "c", "k", "K", "\u212a", "s", "ſ", "é", "É", "日", "𝒳", "\n", "_", "1", "/", "α"]);

    public string Pattern(int depth = 4) => _random.Next(depth <= 0 ? 1 : 8) switch
    {
        0 or 1 or 2 => atoms[_random.Next(atoms.Length)],
        3 or 4 => string.Concat(Many(1, 4, () => Pattern(depth - 1))),
        5 => $"(?:{string.Join('|', Many(1, 4, () => _random.Next(8) == 0 ? "" : Pattern(depth - 1)))})",
        6 => $"(?:{Pattern(depth - 1)}){Repetitions[_random.Next(Repetitions.Length)]}",
        _ => $"({Pattern(depth - 1)})",
    };

    public string Input() => string.Concat(Many(0, 8, () => characters[_random.Next(characters.Length)]));

    private IEnumerable<string> Many(int min, int max, Func<string> make) => [.. Enumerable.Range(0, _random.Next(min, max)).Select(_ => make())];
}
