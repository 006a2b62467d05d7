namespace PolicyProxy.Policy.Sources;

/// <summary>
/// The policy files below a path: the file itself, or every *.yaml, *.yml and *.json of a directory tree in ordinal order of their paths. Names that
/// begin with a dot are skipped; a mounted ConfigMap keeps its versions in such directories and links to them.
/// </summary>
internal static class PolicyFileSet
{
    private const int MaxDepth = 32;

    private static readonly string[] s_extensions = [".yaml", ".yml", ".json"];

    /// <summary>Full list of files, at most <paramref name="maxFiles"/> plus one, so that the caller can see that there are more.</summary>
    /// <exception cref="IOException">A directory cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory cannot be listed.</exception>
    public static IReadOnlyList<string> List(string path, int maxFiles)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        var files = new List<string>();
        Collect(new DirectoryInfo(path), path, files, maxFiles, [], 0);
        files.Sort(string.CompareOrdinal);
        return files;
    }

    private static void Collect(DirectoryInfo directory, string shownAs, List<string> files, int maxFiles, HashSet<string> visited, int depth)
    {
        // A link to a directory above would lead round in a circle.
        var real = directory.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? directory.FullName;
        if (depth > MaxDepth || !visited.Add(real))
        {
            return;
        }

        foreach (var entry in new DirectoryInfo(real).EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.'))
            {
                continue;
            }

            if (files.Count > maxFiles)
            {
                return;
            }

            var shown = Path.Combine(shownAs, entry.Name);
            if (entry is DirectoryInfo child)
            {
                Collect(child, shown, files, maxFiles, visited, depth + 1);
            }
            else if (s_extensions.Contains(Path.GetExtension(entry.Name), StringComparer.OrdinalIgnoreCase))
            {
                files.Add(shown);
            }
        }
    }
}
