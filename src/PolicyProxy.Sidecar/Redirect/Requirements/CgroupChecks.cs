namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Whether processes can be put into control groups of version 2, which the programs are attached to.</summary>
internal static class CgroupChecks
{
    public static Requirement Mounted(SystemRoots roots)
    {
        const string Name = "cgroup v2";
        var mounts = MountTable.Read(roots);
        return mounts.Cgroup2 is { } mount
            ? Requirement.Ok(Name, RequiredFor.Both, mounts.IsHybrid ? $"hybrid, at {mount.Path}" : $"at {mount.Path}")
            : Requirement.Missing(Name, RequiredFor.Both, "no cgroup v2 hierarchy is mounted", "mkdir -p /run/cgroup2 && mount -t cgroup2 cgroup2 /run/cgroup2");
    }

    /// <summary>Tried, because modes, delegation and limits can all forbid it.</summary>
    public static Requirement Writable(SystemRoots roots)
    {
        const string Name = "cgroup directories";
        if (MountTable.Read(roots).Cgroup2 is not { } mount)
        {
            return Requirement.Missing(Name, RequiredFor.Both, "no cgroup v2 hierarchy is mounted", "see cgroup v2");
        }

        // Somebody with more rights may have made the folder of the instances beforehand.
        var ours = Path.Combine(mount.Path, "policyproxy");
        var parent = Directory.Exists(roots.Locate(ours)) ? ours : mount.Path;
        var probe = Path.Combine(roots.Locate(parent), "policyproxy-probe-" + Path.GetRandomFileName());
        try
        {
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
            return Requirement.Ok(Name, RequiredFor.Both, $"can be created in {parent}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return mount.IsReadOnly
                ? Requirement.Missing(Name, RequiredFor.Both, $"{mount.Path} is mounted read-only", $"mount -o remount,rw {mount.Path}")
                : Requirement.Missing(Name, RequiredFor.Both, $"may not be created in {parent}", $"start it as root with CAP_DAC_OVERRIDE, or let root make {ours} for it");
        }
    }
}
