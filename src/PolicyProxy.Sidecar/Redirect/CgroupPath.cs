using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>What the kernel calls a cgroup, from its directory.</summary>
internal static class CgroupPath
{
    /// <summary>Number of a cgroup: the inode number of its directory, which <c>bpf_get_current_cgroup_id</c> gives too.</summary>
    public static ulong IdOf(string directory) => new CgroupDirectory(directory).Id;

    /// <summary>Levels below the root of the hierarchy: 0 for the root itself.</summary>
    public static int DepthOf(string directory)
    {
        // The root is the first directory upwards that has no type: only the root lacks the file.
        var depth = 0;
        for (var current = Path.GetFullPath(directory).TrimEnd('/'); File.Exists(Path.Combine(current, "cgroup.type")); depth++)
        {
            current = Path.GetDirectoryName(current)!;
        }

        return depth;
    }
}
