namespace PolicyProxy.Samples.Tests;

/// <summary>A command of a document with the output the document shows. A line "..." stands for any lines, "..." inside a line for any text.</summary>
internal sealed record Transcript(string Command, IReadOnlyList<string> Output)
{
    /// <summary>Commands follow "$ "; what follows them is their output.</summary>
    public static IReadOnlyList<Transcript> Parse(string text)
    {
        var all = new List<Transcript>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                all.Add(new Transcript(line[2..], []));
            }
            else if (all.Count > 0)
            {
                all[^1] = all[^1] with { Output = [.. all[^1].Output, line] };
            }
        }

        return all;
    }

    public bool Matches(string output)
    {
        string[] actual = [.. output.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())];
        return Matches(Trim(Output), Trim(actual));
    }

    private static bool Matches(ReadOnlySpan<string> expected, ReadOnlySpan<string> actual)
    {
        if (expected.IsEmpty)
        {
            return actual.IsEmpty;
        }

        if (expected[0].Trim() == "...")
        {
            return Matches(expected[1..], actual) || (!actual.IsEmpty && Matches(expected, actual[1..]));
        }

        return !actual.IsEmpty && LineMatches(expected[0], actual[0]) && Matches(expected[1..], actual[1..]);
    }

    private static bool LineMatches(string expected, string actual)
    {
        var parts = expected.TrimEnd().Split("...");
        if (parts.Length == 1)
        {
            return expected.TrimEnd() == actual;
        }

        if (!actual.StartsWith(parts[0], StringComparison.Ordinal) || !actual.EndsWith(parts[^1], StringComparison.Ordinal))
        {
            return false;
        }

        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            at = actual.IndexOf(part, at, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            at += part.Length;
        }

        return at <= actual.Length - parts[^1].Length;
    }

    private static string[] Trim(IReadOnlyList<string> lines) =>
        [.. lines.SkipWhile(line => line.Trim().Length == 0).Reverse().SkipWhile(line => line.Trim().Length == 0).Reverse()];
}
