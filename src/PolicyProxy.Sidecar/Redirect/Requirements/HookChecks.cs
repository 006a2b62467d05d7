using System.ComponentModel;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Whether each hook of the shim is in this kernel: by version, and by loading a program for it where that is allowed.</summary>
internal static class HookChecks
{
    /// <param name="roots">Tell the kernel's version.</param>
    /// <param name="canLoad">bpf(2) works, so that a refusal speaks of the hook.</param>
    public static IEnumerable<Requirement> All(SystemRoots roots, bool canLoad)
    {
        var kernel = KernelCheck.Version(roots) ?? new KernelVersion(0, 0);
        return KernelHook.All.Select(hook => Check(hook, kernel, canLoad)).Append(ErrorNumbers(kernel)).Append(Interfaces(kernel));
    }

    private static Requirement Check(KernelHook hook, KernelVersion kernel, bool canLoad)
    {
        var name = "hook " + hook.Name;
        if (kernel < hook.Since)
        {
            return Requirement.Missing(name, RequiredFor.Both, $"needs kernel {hook.Since}; this is {kernel}", $"boot a kernel of version {KernelVersion.Floor} or newer");
        }

        var error = canLoad ? hook.AttachTypes.Select(type => BpfSyscall.TryLoad(hook.ProgramType, type)).FirstOrDefault(error => error != 0) : 0;
        return error == 0
            ? Requirement.Ok(name, RequiredFor.Both, canLoad ? "a program was loaded" : $"in kernels since {hook.Since}")
            : Requirement.Missing(name, RequiredFor.Both, $"no program can be loaded: {new Win32Exception(error).Message}", "boot a kernel with CONFIG_CGROUP_BPF=y, CONFIG_INET=y and CONFIG_NET_CLS_ACT=y");
    }

    private static Requirement ErrorNumbers(KernelVersion kernel) => Since(
        "chosen error numbers", new KernelVersion(5, 18), kernel, "connect() says ENETUNREACH where there is no route", "connect() says EPERM where ENETUNREACH would be true");

    private static Requirement Interfaces(KernelVersion kernel) => Since(
        "interface in sk_lookup", new KernelVersion(5, 17), kernel, "loopback is told by its interface", "loopback is told by its address");

    private static Requirement Since(string name, KernelVersion since, KernelVersion kernel, string with, string without) => kernel >= since
        ? Requirement.Ok(name, RequiredFor.None, with)
        : Requirement.Degraded(name, RequiredFor.None, $"{without}: {kernel} is older than {since}", $"boot a kernel of version {since} or newer");
}
