using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Tests.Redirect.Requirements;

/// <summary>The answers of machines that this one is not, from recordings.</summary>
public sealed class RequirementTests
{
    [Theory]
    [InlineData("hybrid", "hybrid, at /sys/fs/cgroup/unified")]
    [InlineData("pure", "at /sys/fs/cgroup")]
    [InlineData("read-only", "at /sys/fs/cgroup")]
    [InlineData("elsewhere", "at /run/cgroup two")]
    public void Cgroup_hierarchy_is_found_where_it_is_mounted(string mounts, string detail)
    {
        using var machine = new RecordedMachine(mounts);

        Assert.Equal(Requirement.Ok("cgroup v2", RequiredFor.Both, detail), CgroupChecks.Mounted(machine.Roots));
    }

    [Theory]
    [InlineData("v1-only")]
    [InlineData("covered")]
    public void Cgroup_hierarchy_that_cannot_be_reached_is_missing(string mounts)
    {
        using var machine = new RecordedMachine(mounts);

        Assert.Equal((RequirementState.Missing, "mkdir -p /run/cgroup2 && mount -t cgroup2 cgroup2 /run/cgroup2"), Answer(CgroupChecks.Mounted(machine.Roots)));
        Assert.Equal((RequirementState.Missing, "see cgroup v2"), Answer(CgroupChecks.Writable(machine.Roots)));
    }

    [Fact]
    public void Cgroup_probe_leaves_nothing()
    {
        using var machine = new RecordedMachine("pure");
        var hierarchy = Directory.CreateDirectory(machine.Roots.Locate("/sys/fs/cgroup"));

        Assert.Equal(RequirementState.Ok, CgroupChecks.Writable(machine.Roots).State);
        Assert.Empty(hierarchy.EnumerateFileSystemInfos());
    }

    [Theory]
    [InlineData("root", null)]
    [InlineData("bpf-and-net-admin", null)]
    [InlineData("sys-admin", null)]
    [InlineData("without-bpf", "without CAP_BPF;")]
    [InlineData("without-net-admin", "without CAP_NET_ADMIN;")]
    [InlineData("nobody", "without CAP_BPF and CAP_NET_ADMIN;")]
    public void Capabilities_that_are_lacking_are_named(string status, string? lacking)
    {
        using var machine = new RecordedMachine(status: status);

        var found = CapabilityChecks.Redirecting(machine.Roots);

        Assert.Equal(lacking is null ? RequirementState.Ok : RequirementState.Missing, found.State);
        Assert.StartsWith(lacking ?? "CAP_", found.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root", false)]
    [InlineData("bpf-and-net-admin", true)]
    public void Mount_namespace_stops_run_only(string status, bool stops)
    {
        using var machine = new RecordedMachine(status: status);

        var found = CapabilityChecks.Mounting(machine.Roots);

        Assert.Equal((stops, false), (found.Stops(RequiredFor.Run), found.Stops(RequiredFor.Sidecar)));
    }

    [Fact]
    public void Bpf_refusal_is_explained_by_what_the_process_is()
    {
        const int InvalidArgument = 22;
        using var root = new RecordedMachine();
        using var nobody = new RecordedMachine(status: "nobody");
        using var contained = new RecordedMachine(userIds: "user-namespace");
        using var locked = new RecordedMachine();
        locked.Write("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");

        Assert.Equal(RequirementState.Ok, BpfCallCheck.Explain(0, root.Roots).State);
        Assert.Equal("see capabilities", BpfCallCheck.Explain(BpfSyscall.EPERM, nobody.Roots).Fix);
        Assert.Equal("see user namespace", BpfCallCheck.Explain(BpfSyscall.EPERM, contained.Roots).Fix);
        Assert.EndsWith("(kernel lockdown: none integrity [confidentiality])", BpfCallCheck.Explain(BpfSyscall.EPERM, locked.Roots).Detail, StringComparison.Ordinal);
        Assert.Contains("CONFIG_BPF_SYSCALL", BpfCallCheck.Explain(BpfSyscall.ENOSYS, root.Roots).Fix, StringComparison.Ordinal);
        Assert.Contains("Invalid argument", BpfCallCheck.Explain(InvalidArgument, root.Roots).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root", "Degraded")]
    [InlineData("bpf-and-net-admin", "Missing")]
    public void Bpffs_that_is_not_mounted_stops_who_cannot_mount_it(string status, string state)
    {
        using var machine = new RecordedMachine(status: status);
        Directory.CreateDirectory(machine.Roots.Locate(BpffsCheck.Path));

        Assert.Equal((Enum.Parse<RequirementState>(state), "mount -t bpf bpf /sys/fs/bpf"), Answer(BpffsCheck.Check(machine.Roots)));
    }

    [Theory]
    [InlineData("5.10.0-33-amd64", true, "cgroup_skb", false)]
    [InlineData("5.10.0-33-amd64", true, "sockops", true)]
    [InlineData("4.18.0-553.el8_10.x86_64", true, "sk_lookup", true)]
    [InlineData("5.15.0-122-generic", false, "sockops", false)]
    [InlineData("6.12-rc3", false, "sk_lookup", false)]
    public void Kernel_decides_on_hooks_by_its_version(string release, bool isTooOld, string hook, bool lacksHook)
    {
        using var machine = new RecordedMachine(release: release);

        Assert.Equal(isTooOld, KernelCheck.Check(machine.Roots).Stops(RequiredFor.Sidecar));
        var found = HookChecks.All(machine.Roots, canLoad: false).Where(requirement => requirement.Name.StartsWith($"hook {hook}", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(found);
        Assert.All(found, requirement => Assert.Equal(lacksHook, requirement.Stops(RequiredFor.Run)));
    }

    [Fact]
    public void Kernel_between_the_floor_and_the_best_is_told_what_it_loses()
    {
        using var machine = new RecordedMachine(release: "5.15.0-122-generic");

        var degraded = HookChecks.All(machine.Roots, canLoad: false).Where(requirement => requirement.State == RequirementState.Degraded).Select(requirement => requirement.Name);

        Assert.Equal(["chosen error numbers", "interface in sk_lookup"], degraded);
    }

    [Theory]
    [InlineData("kill_process kill_thread trap errno user_notif trace log allow\n", false)]
    [InlineData("", true)]
    public void Seccomp_filter_stops_run_only(string actions, bool stops)
    {
        using var machine = new RecordedMachine();
        machine.Write("/proc/sys/kernel/seccomp/actions_avail", actions);

        var found = SurroundingChecks.Seccomp(machine.Roots);

        Assert.Equal((stops, false), (found.Stops(RequiredFor.Run), found.Stops(RequiredFor.Sidecar)));
    }

    [Theory]
    [InlineData("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=10000")]
    [InlineData("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1")]
    [InlineData("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")]
    public void User_namespaces_name_the_setting_that_forbids_them(string path, string value, string fix)
    {
        using var machine = new RecordedMachine();
        machine.Write("/proc/sys/user/max_user_namespaces", "96365\n");
        Assert.Equal(RequirementState.Ok, SurroundingChecks.UnprivilegedUserNamespaces(machine.Roots).State);

        machine.Write(path, value + "\n");

        Assert.Equal((RequirementState.Degraded, fix), Answer(SurroundingChecks.UnprivilegedUserNamespaces(machine.Roots)));
    }

    private static (RequirementState State, string Fix) Answer(Requirement found) => (found.State, found.Fix);
}
