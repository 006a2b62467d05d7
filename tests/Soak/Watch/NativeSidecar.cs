using System.Diagnostics;

namespace PolicyProxy.Soak.Watch;

/// <summary>The sidecar as it is released: compiled ahead of time from the source around this program.</summary>
internal static class NativeSidecar
{
    /// <summary>Builds it if something has changed; the path of the program.</summary>
    public static string Publish()
    {
        var root = FindRoot();
        var folder = Path.Combine(root, "artifacts", "soak");
        string[] arguments = ["publish", Path.Combine(root, "src", "PolicyProxy.Sidecar"), "-r", "linux-x64", "-c", "Release", "-o", folder, "-v", "quiet", "--nologo"];
        using var build = Process.Start(new ProcessStartInfo("dotnet", arguments))!;
        build.WaitForExit();
        return build.ExitCode == 0 ? Path.Combine(folder, "policyproxy") : throw new InvalidOperationException("the sidecar could not be published");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PolicyProxy.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the program does not run inside the repository; name the sidecar with --sidecar");
    }
}
