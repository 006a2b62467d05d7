namespace PolicyProxy.Architecture.Tests.Docs;

/// <summary>A fenced block of a document: the language after the fence, its text without the indentation, and the comment right before it.</summary>
internal sealed record Fence(string File, int Line, string Language, string Text, string Marker);

/// <summary>Reads the parts of Markdown that tests check.</summary>
internal static class Markdown
{
    /// <summary>README.md at the root, everything in docs and the READMEs of samples.</summary>
    public static IReadOnlyList<string> Documents() =>
        ["README.md", .. Repository.Files("docs", "*.md"), .. Repository.Files("samples", "*.md"), .. Repository.Files("src", "PACKAGE.md")];

    public static IEnumerable<Fence> Fences(string file) => Fences(file, Repository.Read(file));

    public static IEnumerable<Fence> Fences(string file, string content)
    {
        var lines = content.ReplaceLineEndings("\n").Split('\n');
        var marker = string.Empty;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                var start = i;
                var indentation = lines[i].Length - lines[i].TrimStart().Length;
                var text = new List<string>();
                for (i++; i < lines.Length && lines[i].Trim() != "```"; i++)
                {
                    text.Add(lines[i].Length >= indentation ? lines[i][indentation..] : lines[i]);
                }

                yield return new Fence(file, start + 1, line[3..].Trim(), string.Join('\n', text), marker);
                marker = string.Empty;
            }
            else if (line.Length > 0)
            {
                marker = line.StartsWith("<!--", StringComparison.Ordinal) ? line[4..].Replace("-->", string.Empty, StringComparison.Ordinal).Trim() : string.Empty;
            }
        }
    }

    /// <summary>The document without its fenced blocks.</summary>
    public static string Prose(string content)
    {
        var inFence = false;
        return string.Join('\n', content.ReplaceLineEndings("\n").Split('\n').Where(line =>
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            inFence ^= isFence;
            return !inFence && !isFence;
        }));
    }
}
