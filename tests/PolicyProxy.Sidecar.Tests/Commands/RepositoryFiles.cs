namespace PolicyProxy.Sidecar.Tests.Commands;

/// <summary>Files of the repository, found from the test assembly upwards.</summary>
internal static class RepositoryFiles
{
    public static string PathOf(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PolicyProxy.sln")))
            {
                return Path.Combine(folder.FullName, relative);
            }
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));
}
