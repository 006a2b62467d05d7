namespace PolicyProxy.Tests.Identities;

/// <summary>Names and name patterns over a tiny alphabet, so that random pairs often match.</summary>
internal static class RandomNames
{
    public static string Pattern(Random random) => Join(random, ["a", "b", "*", "*", "**", "***", "a*", "*b", ".", ".", "A", "-"]);

    public static string Name(Random random) => Join(random, ["a", "b", "aa", "B", ".", ".", ".", "-", "_", "é"]);

    private static string Join(Random random, string[] pieces)
    {
        // the last piece is rare, so that most names are proper
        var text = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(20) == 0 ? pieces.Length - 1 : random.Next(pieces.Length - 1)]));
        return text.Length == 0 ? "a" : text;
    }
}
