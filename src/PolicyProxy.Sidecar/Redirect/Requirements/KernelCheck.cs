namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Whether the kernel is new enough for the whole shim.</summary>
internal static class KernelCheck
{
    /// <summary>The running kernel's version; null when its name is not one.</summary>
    public static KernelVersion? Version(SystemRoots roots) => KernelVersion.Parse(roots.Read("/proc/sys/kernel/osrelease"));

    public static Requirement Check(SystemRoots roots)
    {
        var release = roots.Read("/proc/sys/kernel/osrelease") ?? "of unknown version";
        return KernelVersion.Parse(release) >= KernelVersion.Floor
            ? Requirement.Ok("kernel", RequiredFor.Both, $"Linux {release}")
            : Requirement.Missing("kernel", RequiredFor.Both, $"Linux {release} is older than {KernelVersion.Floor}", $"boot a kernel of version {KernelVersion.Floor} or newer");
    }
}
