using System.Globalization;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>A control group of version 2 with all groups below it. Need not exist: then it has no processes, and removing it does nothing.</summary>
internal sealed record CgroupDirectory(string Path)
{
    public bool Exists => Directory.Exists(Path);

    /// <summary>True while a process is in it, even one that another process id namespace hides.</summary>
    public bool IsPopulated => Read("cgroup.events").Contains("populated 1");

    /// <summary>Ids of the processes in it; 0 for one that this process id namespace does not show. A zombie does not count.</summary>
    public IReadOnlyList<int> Processes =>
        [.. WithChildren().SelectMany(group => group.Read("cgroup.procs")).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Distinct().Order()];

    /// <summary>What programs know it by, as <c>bpf_get_current_cgroup_id</c> gives it: the inode number of its directory. 0 when it does not exist.</summary>
    public ulong Id => FileStatus.Of(Path)?.Inode ?? 0;

    /// <summary>Levels below the root of the hierarchy: 0 for the root itself.</summary>
    public int Depth
    {
        get
        {
            // The root is the first directory upwards that has no type: only the root lacks the file.
            var depth = 0;
            for (var current = System.IO.Path.GetFullPath(Path).TrimEnd('/'); File.Exists(System.IO.Path.Combine(current, "cgroup.type")); depth++)
            {
                current = System.IO.Path.GetDirectoryName(current)!;
            }

            return depth;
        }
    }

    /// <summary>Makes the directory and the ones above it.</summary>
    public void Create()
    {
        const int Attempts = 10;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(Path);
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < Attempts)
            {
                // Another run, ending, removed the common directory between two steps of this one.
            }
        }
    }

    /// <summary>Moves this process, with all its threads, into the cgroup.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The kernel refuses for want of rights.</exception>
    public void Join() => File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.procs"), "0");

    /// <summary>Sends SIGKILL to every process in it, those that are just being forked too.</summary>
    public void Kill()
    {
        try
        {
            File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.kill"), "1");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Gone, or of a kernel before 5.14, which does not have the file. Whoever forks faster than this is met by the next call.
            foreach (var id in Processes.Where(static id => id > 0))
            {
                _ = ProcessCalls.kill(id, ProcessCalls.SIGKILL);
            }
        }
    }

    /// <summary>Removes it with the groups below it. The kernel refuses as long as a process is in one of them, and lets none enter afterwards.</summary>
    /// <returns>False when a process is in it.</returns>
    public bool TryRemove()
    {
        foreach (var group in WithChildren().OrderByDescending(group => group.Path.Length))
        {
            try
            {
                Directory.Delete(group.Path);
            }
            catch (DirectoryNotFoundException)
            {
                // somebody was faster
            }
            catch (IOException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The group below this one, or this one, that programs know as <paramref name="id"/>.</summary>
    public CgroupDirectory? Find(ulong id) => WithChildren().FirstOrDefault(group => group.Id == id);

    // Other programs make and remove groups meanwhile: what is gone when it is looked at has no processes.
    private IEnumerable<CgroupDirectory> WithChildren()
    {
        string[] children;
        try
        {
            children = Directory.GetDirectories(Path);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }

        return [this, .. children.SelectMany(child => new CgroupDirectory(child).WithChildren())];
    }

    private string[] Read(string file) =>
        (SystemRoots.Machine.Read(System.IO.Path.Combine(Path, file)) ?? string.Empty).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
