namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Whether the process may do what redirecting takes.</summary>
internal static class CapabilityChecks
{
    public static Requirement Redirecting(SystemRoots roots)
    {
        const string Name = "capabilities";
        var held = CapabilitySet.Read(roots);
        if (held.CanRedirect)
        {
            var which = held.HasBpf && held.HasNetAdmin ? "CAP_BPF and CAP_NET_ADMIN" : "CAP_SYS_ADMIN";
            return Requirement.Ok(Name, RequiredFor.Both, which);
        }

        var lacking = held.HasBpf ? "CAP_NET_ADMIN" : held.HasNetAdmin ? "CAP_BPF" : "CAP_BPF and CAP_NET_ADMIN";
        return Requirement.Missing(
            Name,
            RequiredFor.Both,
            $"without {lacking}; loading programs needs CAP_BPF and CAP_NET_ADMIN",
            "start it as root; in a container add the capabilities BPF and NET_ADMIN (--cap-add BPF --cap-add NET_ADMIN)");
    }

    /// <summary><c>run</c> gives its command a mount namespace in which cgroups and pins are out of reach.</summary>
    public static Requirement Mounting(SystemRoots roots)
    {
        const string Name = "mount namespace";
        return CapabilitySet.Read(roots).HasSysAdmin
            ? Requirement.Ok(Name, RequiredFor.Run, "CAP_SYS_ADMIN")
            : Requirement.Missing(
                Name,
                RequiredFor.Run,
                "without CAP_SYS_ADMIN the command cannot get a mount namespace of its own",
                "start it as root; in a container --cap-add SYS_ADMIN");
    }

    /// <summary>bpf(2) looks at the initial user namespace only, whatever capabilities another one grants.</summary>
    public static Requirement UserNamespace(SystemRoots roots)
    {
        const string Name = "user namespace";
        var map = roots.Read("/proc/self/uid_map") ?? string.Empty;
        return IsInitialUserNamespace(roots)
            ? Requirement.Ok(Name, RequiredFor.Both, "the initial one")
            : Requirement.Missing(
                Name,
                RequiredFor.Both,
                $"not the initial one (uid_map: {string.Join(' ', Words(map))}): its capabilities do not count for BPF",
                "start it outside of user namespaces: no rootless container, no userns-remap, no unshare --user");
    }

    /// <summary>The initial user namespace maps all ids to themselves.</summary>
    public static bool IsInitialUserNamespace(SystemRoots roots) =>
        Words(roots.Read("/proc/self/uid_map") ?? string.Empty) is ["0", "0", "4294967295"];

    private static string[] Words(string text) => text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
