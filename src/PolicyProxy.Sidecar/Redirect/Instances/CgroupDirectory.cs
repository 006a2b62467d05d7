using System.Globalization;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Redirect.Instances;

/// <summary>A control group of version 2 with all groups below it. Need not exist: then it has no processes, and removing it does nothing.</summary>
internal sealed record CgroupDirectory(string Path)
{
    public bool Exists => Directory.Exists(Path);

    /// <summary>True while a process is in it, even one that another process id namespace hides.</summary>
    public bool IsPopulated => Read("cgroup.events").Contains("populated 1");

    /// <summary>Ids of the processes in it; 0 for one that this process id namespace does not show.</summary>
    public IReadOnlyList<int> Processes =>
        [.. WithChildren().SelectMany(group => group.Read("cgroup.procs")).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Distinct().Order()];

    /// <summary>What programs know it by; 0 when it does not exist.</summary>
    public ulong Id
    {
        get
        {
            try
            {
                return CgroupPath.IdOf(Path);
            }
            catch (FileNotFoundException)
            {
                return 0;
            }
        }
    }

    /// <summary>Kills every process in it, those that are just being forked too.</summary>
    public void Kill()
    {
        if (Exists)
        {
            File.WriteAllText(System.IO.Path.Combine(Path, "cgroup.kill"), "1");
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
