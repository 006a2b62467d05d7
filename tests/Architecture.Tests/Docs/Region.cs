namespace PolicyProxy.Architecture.Tests.Docs;

/// <summary>A named part of a source file: between "#region name" and "#endregion", behind any comment sign.</summary>
internal static class Region
{
    /// <summary>The text of <c>path</c> or <c>path#region</c> without the common indentation; null when the file or region does not exist.</summary>
    public static string? Read(string reference)
    {
        var parts = reference.Split('#', 2);
        if (!File.Exists(Path.Combine(Repository.Root, parts[0])))
        {
            return null;
        }

        var content = Repository.Read(parts[0]);
        return parts.Length == 1 ? content.ReplaceLineEndings("\n").Trim('\n') : Find(content, parts[1]);
    }

    public static string? Find(string content, string name)
    {
        List<string>? inside = null;
        foreach (var line in content.ReplaceLineEndings("\n").Split('\n'))
        {
            var words = line.TrimStart('/', '#', ' ', '\t').Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (inside is null)
            {
                inside = words is ["region", var found] && found == name ? [] : null;
            }
            else if (words is ["endregion", ..])
            {
                var indentation = inside.Where(text => text.Trim().Length > 0).Select(text => text.Length - text.TrimStart().Length).DefaultIfEmpty(0).Min();
                return string.Join('\n', inside.Select(text => text.Length >= indentation ? text[indentation..].TrimEnd() : string.Empty)).Trim('\n');
            }
            else
            {
                inside.Add(line);
            }
        }

        return null;
    }
}
