using System.Globalization;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>What is mounted where, for this process. Immutable.</summary>
internal sealed class MountTable
{
    private const string PureCgroupPath = "/sys/fs/cgroup";

    private readonly Dictionary<int, MountPoint> _mounts;

    private MountTable(Dictionary<int, MountPoint> mounts) => _mounts = mounts;

    /// <summary>
    /// The cgroup v2 hierarchy that can be used, null for none. <c>/sys/fs/cgroup</c> itself on pure machines, usually
    /// <c>/sys/fs/cgroup/unified</c> on hybrid ones. Writable mounts are preferred.
    /// </summary>
    public MountPoint? Cgroup2 => Visible("cgroup2").OrderBy(m => m.IsReadOnly).ThenByDescending(m => m.Path == PureCgroupPath).FirstOrDefault();

    /// <summary>True when <see cref="Cgroup2"/> is mounted beside or below the hierarchies of version 1.</summary>
    public bool IsHybrid => Visible("cgroup").Any();

    public static MountTable Read(SystemRoots roots)
    {
        var mounts = new Dictionary<int, MountPoint>();
        foreach (var line in (roots.Read("/proc/self/mountinfo") ?? string.Empty).Split('\n'))
        {
            if (Parse(line) is { } mount)
            {
                mounts[mount.Id] = mount;
            }
        }

        return new MountTable(mounts);
    }

    /// <summary>Mounts of one file system that no other mount covers.</summary>
    public IEnumerable<MountPoint> Visible(string fileSystem) => _mounts.Values.Where(m => m.FileSystem == fileSystem && !IsCovered(m));

    // A path leads to a mount only through the mounts it stands on: any other mount on the way covers it.
    private bool IsCovered(MountPoint mount) =>
        _mounts.Values.Any(other => other != mount && Contains(other.Path, mount.Path) && !StandsOn(mount, other));

    private bool StandsOn(MountPoint mount, MountPoint other)
    {
        // The root mount of a namespace can be its own parent.
        for (var at = mount; at.Parent != at.Id && _mounts.TryGetValue(at.Parent, out var parent); at = parent)
        {
            if (parent == other)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(string folder, string path) =>
        folder == "/" || path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/');

    // 41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
    private static MountPoint? Parse(string line)
    {
        var words = line.Split(' ');
        var dash = Array.IndexOf(words, "-");
        return dash >= 6 && words.Length >= dash + 3 && Number(words[0]) is { } id && Number(words[1]) is { } parent
            ? new MountPoint(id, parent, Unescape(words[4]), words[dash + 1], IsReadOnly(words[5]) || IsReadOnly(words[^1]))
            : null;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool IsReadOnly(string options) => options == "ro" || options.StartsWith("ro,", StringComparison.Ordinal);

    // The kernel writes these four as octal numbers.
    private static string Unescape(string path) => path
        .Replace(@"\040", " ", StringComparison.Ordinal)
        .Replace(@"\011", "\t", StringComparison.Ordinal)
        .Replace(@"\012", "\n", StringComparison.Ordinal)
        .Replace(@"\134", @"\", StringComparison.Ordinal);
}
