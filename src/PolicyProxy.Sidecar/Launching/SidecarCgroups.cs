using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// The two cgroups of a sidecar: the workload's, which somebody else fills, and the one this process is in. Neither is
/// below the other: the programs of one must not be in force in the other.
/// </summary>
internal sealed class SidecarCgroups
{
    private readonly string _before;
    private readonly string _instance;
    private readonly List<string> _made = [];
    private bool _hasMoved;

    private SidecarCgroups(string instance, string before, string work, string proxy) =>
        (_instance, _before, Work, Proxy) = (instance, before, work, proxy);

    /// <summary>Directory of the workload's cgroup.</summary>
    public string Work { get; }

    /// <summary>Directory of the cgroup this process is in.</summary>
    public string Proxy { get; }

    /// <summary>Finds or makes both, and moves this process into the proxy's unless it is there.</summary>
    /// <param name="instance">Names the default directories.</param>
    /// <param name="work">Existing directory of the workload's cgroup; null = a new one of the instance.</param>
    /// <param name="proxy">Directory of the proxy's cgroup; null = a new one of the instance.</param>
    /// <exception cref="EnforcementException">There is no cgroup v2, it may not be written to, or one is below the other.</exception>
    public static SidecarCgroups Join(string instance, string? work, string? proxy)
    {
        var mount = CgroupMount.Find();
        var folder = Path.Combine(mount.Point, CgroupScope.Folder, instance);
        var before = mount.DirectoryOf(File.ReadAllText("/proc/self/cgroup"));
        var cgroups = new SidecarCgroups(folder, before, Absolute(work) ?? Path.Combine(folder, "workload"), Absolute(proxy) ?? Path.Combine(folder, "proxy"));
        Check(cgroups.Work, cgroups.Proxy);
        if (work is not null && !File.Exists(Path.Combine(cgroups.Work, "cgroup.type")))
        {
            // Not made here: a mistyped path would be a cgroup nobody is in, and the workload would be free. The root has no such file.
            throw new EnforcementException($"{cgroups.Work} is not a cgroup v2 below the root; give the directory of the workload's cgroup");
        }

        try
        {
            cgroups.Make(cgroups.Work);
            cgroups.Make(cgroups.Proxy);
            if (before != cgroups.Proxy)
            {
                new CgroupDirectory(cgroups.Proxy).Join();
                cgroups._hasMoved = true;
            }

            return cgroups;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            cgroups.Undo();
            throw new EnforcementException(
                $"cannot make or enter the cgroups {cgroups.Work} and {cgroups.Proxy}: {error.Message.TrimEnd('.')}; run as root, with the cgroup2 file system mounted read-write, or give existing ones", error);
        }
    }

    /// <summary>Moves this process back and removes what is empty of the instance's own directories.</summary>
    public void Leave() => Remove([Path.Combine(_instance, "workload"), Path.Combine(_instance, "proxy")]);

    /// <summary>After a start that failed: moves this process back and removes what is empty of the directories that were made for it.</summary>
    public void Undo() => Remove(_made);

    private void Make(string directory)
    {
        if (!Directory.Exists(directory))
        {
            new CgroupDirectory(directory).Create();
            _made.Add(directory);
        }
    }

    private void Remove(IReadOnlyList<string> own)
    {
        if (_hasMoved && Directory.Exists(_before))
        {
            new CgroupDirectory(_before).Join();
        }

        string[] shared = own.Count == 0 ? [] : [_instance, Path.GetDirectoryName(_instance)!];
        foreach (var directory in own.Concat(shared))
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException)
            {
                // Not there, or somebody is in it.
            }
        }
    }

    private static string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path).TrimEnd('/');

    private static void Check(string work, string proxy)
    {
        if (IsAtOrBelow(proxy, work) || IsAtOrBelow(work, proxy))
        {
            throw new EnforcementException($"the cgroup of the proxy ({proxy}) and that of the workload ({work}) must be apart: neither may be the other or below it");
        }
    }

    private static bool IsAtOrBelow(string path, string other) => path == other || path.StartsWith(other + "/", StringComparison.Ordinal);
}
