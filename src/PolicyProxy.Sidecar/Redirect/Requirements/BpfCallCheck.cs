using System.ComponentModel;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Whether bpf(2) works here and now: tried with the smallest program there is.</summary>
internal static class BpfCallCheck
{
    private const string Name = "bpf system call";
    private const uint CgroupSkb = 8;
    private const uint CgroupInetEgress = 1;

    public static Requirement Check(SystemRoots roots) => Explain(BpfSyscall.TryLoad(CgroupSkb, CgroupInetEgress), roots);

    /// <summary>What an error number of the try means for this process.</summary>
    /// <param name="error">0 when the program was loaded.</param>
    /// <param name="roots">Tells whether the process had the right to load.</param>
    public static Requirement Explain(int error, SystemRoots roots) => error switch
    {
        0 => Requirement.Ok(Name, RequiredFor.Both, "a program was loaded"),
        BpfSyscall.ENOSYS => Requirement.Missing(Name, RequiredFor.Both, "the kernel has no bpf()", "boot a kernel with CONFIG_BPF_SYSCALL=y; in a container allow bpf in its seccomp profile"),
        BpfSyscall.EPERM when !CapabilityChecks.IsInitialUserNamespace(roots) => Requirement.Missing(Name, RequiredFor.Both, "refused in this user namespace", "see user namespace"),
        BpfSyscall.EPERM when !CapabilitySet.Read(roots).CanRedirect => Requirement.Missing(Name, RequiredFor.Both, "refused for lack of capabilities", "see capabilities"),
        BpfSyscall.EPERM when IsFiltered(roots) => Requirement.Missing(
            Name, RequiredFor.Both, "refused although the capabilities are there: a seccomp filter is active", "allow bpf in the container's seccomp profile (docker, podman: --security-opt seccomp=FILE)"),
        BpfSyscall.EPERM => Requirement.Missing(
            Name, RequiredFor.Both, $"refused although the capabilities are there{Lockdown(roots)}", "boot with lockdown=none, and let no security module forbid bpf"),
        _ => Requirement.Missing(Name, RequiredFor.Both, $"failed: {new Win32Exception(error).Message}", "boot a kernel with CONFIG_BPF_SYSCALL=y and CONFIG_CGROUP_BPF=y"),
    };

    // Mode 2 is filter; a filter of a parent counts as well.
    private static bool IsFiltered(SystemRoots roots) =>
        (roots.Read("/proc/self/status") ?? string.Empty).Split('\n').Any(line => line.StartsWith("Seccomp:", StringComparison.Ordinal) && line.EndsWith('2'));

    private static string Lockdown(SystemRoots roots) =>
        roots.Read("/sys/kernel/security/lockdown") is { } modes ? $" (kernel lockdown: {modes})" : string.Empty;
}
