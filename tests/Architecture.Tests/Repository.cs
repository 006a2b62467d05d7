namespace PolicyProxy.Architecture.Tests;

/// <summary>The working tree the tests look at.</summary>
internal static class Repository
{
    private static readonly string[] s_generated = ["artifacts", "bin", "obj", ".git", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>Absolute path of the folder with the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All files below a folder, generated ones left out, as paths relative to the root with forward slashes, in order.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern)
    {
        var start = Path.Combine(Root, folder);
        if (!Directory.Exists(start))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => s_generated.Contains(part)))
            .Order(StringComparer.Ordinal)];
    }

    public static string Read(string relativePath) => File.ReadAllText(Path.Combine(Root, relativePath));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PolicyProxy.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
