using System.Globalization;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>One cgroup v2 directory of ours, with whatever grew below it.</summary>
internal sealed class CgroupDirectory(string path)
{
    public string Path { get; } = path;

    /// <summary>The cgroup's id: the inode number of its directory, as <c>bpf_get_current_cgroup_id</c> gives it.</summary>
    public ulong Id => FileStatus.Of(Path)?.Inode ?? throw new EnforcementException($"cannot read the id of cgroup {Path}: {ErrorText.Last}");

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
    public void Join() => Join(Path);

    /// <inheritdoc cref="Join()"/>
    public static void Join(string directory) => File.WriteAllText(System.IO.Path.Combine(directory, "cgroup.procs"), "0");

    /// <summary>Processes of this cgroup and the ones below; empty when it is gone. A zombie does not count.</summary>
    public List<int> Processes()
    {
        var ids = new List<int>();
        foreach (var directory in Tree())
        {
            try
            {
                foreach (var line in File.ReadLines(System.IO.Path.Combine(directory, "cgroup.procs")))
                {
                    ids.Add(int.Parse(line, CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // Removed meanwhile, or of a kind that has no processes of its own.
            }
        }

        return ids;
    }

    /// <summary>Sends SIGKILL to every process, also to those that are just being forked.</summary>
    public void Kill()
    {
        try
        {
            File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.kill"), "1");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Kernels before 5.14 do not have the file. Whoever forks faster than this is met by the next call.
            foreach (var id in Processes())
            {
                _ = ProcessCalls.kill(id, ProcessCalls.SIGKILL);
            }
        }
    }

    /// <summary>Removes it with everything below it. False while the kernel still has processes in it.</summary>
    public bool TryRemove()
    {
        foreach (var directory in Tree())
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (DirectoryNotFoundException)
            {
                // Somebody was faster.
            }
            catch (IOException)
            {
                return false;
            }
        }

        return true;
    }

    // Deepest first.
    private IEnumerable<string> Tree()
    {
        if (!Directory.Exists(Path))
        {
            return [];
        }

        return Directory.GetDirectories(Path, "*", SearchOption.AllDirectories).OrderByDescending(d => d.Length).Append(Path);
    }
}
