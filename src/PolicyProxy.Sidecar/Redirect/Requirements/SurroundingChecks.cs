using System.Globalization;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>What no start depends on, except for the seccomp filter of <c>run</c>, but what explains a surprise later.</summary>
internal static class SurroundingChecks
{
    /// <summary>Two descriptors to a connection, so this suffices for 4,096 of them.</summary>
    private const long FewDescriptors = 8192;

    public static Requirement Seccomp(SystemRoots roots)
    {
        const string Name = "seccomp filter";
        var actions = roots.Read("/proc/sys/kernel/seccomp/actions_avail") ?? string.Empty;
        return actions.Split(' ').Contains("errno")
            ? Requirement.Ok(Name, RequiredFor.Run, "can refuse socket families without a hook")
            : Requirement.Missing(Name, RequiredFor.Run, "the kernel cannot filter system calls: sockets such as AF_VSOCK would bypass", "boot a kernel with CONFIG_SECCOMP_FILTER=y");
    }

    public static Requirement IPv6(SystemRoots roots)
    {
        const string Name = "IPv6";
        return roots.Read("/proc/net/if_inet6") is not { } addresses || roots.Read("/proc/sys/net/ipv6/conf/lo/disable_ipv6") == "1" || !addresses.Contains("00000000000000000000000000000001", StringComparison.Ordinal)
            ? Requirement.Degraded(Name, RequiredFor.None, "off: IPv6 connections are refused, IPv4 works", "sysctl -w net.ipv6.conf.all.disable_ipv6=0")
            : Requirement.Ok(Name, RequiredFor.None, "on");
    }

    public static Requirement UnprivilegedUserNamespaces(SystemRoots roots)
    {
        const string Name = "unprivileged user namespaces";
        var (setting, fix) =
            roots.Read("/proc/sys/user/max_user_namespaces") is null or "0" ? ("user.max_user_namespaces=0", "sysctl -w user.max_user_namespaces=10000")
            : roots.Read("/proc/sys/kernel/unprivileged_userns_clone") == "0" ? ("kernel.unprivileged_userns_clone=0", "sysctl -w kernel.unprivileged_userns_clone=1")
            : roots.Read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" ? ("kernel.apparmor_restrict_unprivileged_userns=1", "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")
            : (string.Empty, string.Empty);
        return setting.Length == 0
            ? Requirement.Ok(Name, RequiredFor.None, "allowed")
            : Requirement.Degraded(Name, RequiredFor.None, $"forbidden by {setting}; only programs that run without rights would want them", fix);
    }

    public static Requirement Nft()
    {
        const string Name = "nft";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Concat(["/usr/sbin", "/sbin"]);
        return folders.Select(folder => Path.Combine(folder, "nft")).FirstOrDefault(File.Exists) is { } found
            ? Requirement.Ok(Name, RequiredFor.None, found)
            : Requirement.Degraded(Name, RequiredFor.None, "not found; sockets opened before a process joins cannot be cut off by it", "apt-get install nftables");
    }

    public static Requirement Descriptors(SystemRoots roots)
    {
        const string Name = "open files";
        const string Mark = "Max open files";
        var line = (roots.Read("/proc/self/limits") ?? string.Empty).Split('\n').FirstOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal));
        var hard = line?[Mark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] ?? "unknown";
        var isFew = !long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? hard != "unlimited" : limit < FewDescriptors;
        return isFew
            ? Requirement.Degraded(Name, RequiredFor.None, $"hard limit {hard}: each connection takes two", "ulimit -Hn 65536 (systemd: LimitNOFILE=65536)")
            : Requirement.Ok(Name, RequiredFor.None, $"hard limit {hard}");
    }
}
