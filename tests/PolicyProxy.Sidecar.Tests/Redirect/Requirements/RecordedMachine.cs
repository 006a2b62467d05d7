using PolicyProxy.Sidecar.Redirect.Requirements;
using PolicyProxy.Sidecar.Tests.Commands;

namespace PolicyProxy.Sidecar.Tests.Redirect.Requirements;

/// <summary>A copy of /proc and /sys with recorded texts in it. By default root on a hybrid machine; disposing removes it.</summary>
internal sealed class RecordedMachine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public RecordedMachine(string mounts = "hybrid", string status = "root", string userIds = "initial", string release = "6.18.44")
    {
        Roots = new SystemRoots(Path.Combine(_folder.FullName, "proc"), Path.Combine(_folder.FullName, "sys"));
        Write("/proc/self/mountinfo", Recording($"mountinfo-{mounts}"));
        Write("/proc/self/status", Recording($"status-{status}"));
        Write("/proc/self/uid_map", Recording($"uid_map-{userIds}"));
        Write("/proc/sys/kernel/osrelease", release + "\n");
    }

    public SystemRoots Roots { get; }

    public void Write(string path, string text)
    {
        var file = Roots.Locate(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Recording(string name) => RepositoryFiles.Read($"tests/PolicyProxy.Sidecar.Tests/testdata/machines/{name}.txt");
}
