namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Whether links can be pinned: without a pin the proxy's death would open the gate.</summary>
internal static class BpffsCheck
{
    /// <summary>Where pins go.</summary>
    public const string Path = BpfFileSystem.Path;

    private const string Mount = "mount -t bpf bpf /sys/fs/bpf";

    public static Requirement Check(SystemRoots roots)
    {
        const string Name = "bpffs";
        var path = roots.Locate(Path);
        if (BpfFileSystem.IsAt(path))
        {
            return MountTable.Read(roots).Visible("bpf").Any(mount => mount.Path == Path && mount.IsReadOnly)
                ? Requirement.Missing(Name, RequiredFor.Both, $"{Path} is mounted read-only", $"mount -o remount,rw {Path}")
                : Requirement.Ok(Name, RequiredFor.Both, $"at {Path}");
        }

        return !Directory.Exists(path)
            ? Requirement.Missing(Name, RequiredFor.Both, $"{Path} does not exist", "mount -t sysfs sysfs /sys && " + Mount)
            : CapabilitySet.Read(roots).HasSysAdmin && CapabilityChecks.IsInitialUserNamespace(roots)
                ? Requirement.Degraded(Name, RequiredFor.Both, $"not mounted at {Path}; will be mounted at the start", Mount)
                : Requirement.Missing(Name, RequiredFor.Both, $"not mounted at {Path}: links cannot be pinned, and the proxy's death would open the gate", Mount);
    }
}
