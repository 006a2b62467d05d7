using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Where the cgroup v2 hierarchy is mounted. Immutable.</summary>
/// <param name="Point">Directory: <c>/sys/fs/cgroup</c>, or <c>/sys/fs/cgroup/unified</c> beside cgroup v1.</param>
/// <param name="Root">The cgroup that is mounted there; <c>/</c> unless a part of the hierarchy is mounted.</param>
internal sealed record CgroupMount(string Point, string Root)
{
    private const uint Magic = 0x63677270; // CGROUP2_SUPER_MAGIC

    /// <summary>The mount to use; one that another mount hides is none.</summary>
    /// <exception cref="EnforcementException">There is none.</exception>
    public static CgroupMount Find() => Find([.. MountEntry.ReadAll().Where(static mount => Libc.FileSystemOf(mount.Point) == Magic)]);

    /// <inheritdoc cref="Find()"/>
    public static CgroupMount Find(IReadOnlyList<MountEntry> mounts)
    {
        var found = mounts.Where(m => m.FileSystem == "cgroup2").ToList();
        var entry = found.Find(m => m.Point == "/sys/fs/cgroup") ?? found.Find(m => m.Point == "/sys/fs/cgroup/unified") ?? found.FirstOrDefault();
        return entry is not null
            ? new CgroupMount(entry.Point, entry.Root)
            : throw new EnforcementException(
                "no cgroup v2 hierarchy is mounted; mount it: mkdir -p /run/cgroup2 && mount -t cgroup2 cgroup2 /run/cgroup2");
    }

    /// <summary>The directory of the cgroup a process is in, from its <c>/proc/PID/cgroup</c>.</summary>
    public string DirectoryOf(string procCgroup)
    {
        var path = procCgroup.Split('\n').FirstOrDefault(l => l.StartsWith("0::", StringComparison.Ordinal))?[3..] ?? "/";
        if (Root.Length > 1 && path.StartsWith(Root, StringComparison.Ordinal))
        {
            path = path[Root.Length..];
        }

        return Point + (path == "/" ? string.Empty : path);
    }
}
