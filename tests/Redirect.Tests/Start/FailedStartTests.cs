using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Redirect.Tests.Start;

/// <summary>A start that fails says what the machine lacks, with the fix, and leaves nothing behind.</summary>
public sealed class FailedStartTests
{
    private const string NoLibrary = "for file in $(ldconfig -p | grep -o '/.*libbpf.so.1$'); do mount --bind /dev/null $(readlink -f $file); done;";
    private const string OldKernel = "mount -t tmpfs tmpfs /mnt; echo 4.19.0 > /mnt/release; mount --bind /mnt/release /proc/sys/kernel/osrelease; setpriv --bounding-set=-bpf,-sys_admin";
    private const string ReadOnlyCgroups = "umount -R /sys/fs/cgroup; mount -t cgroup2 -o ro cgroup2 /sys/fs/cgroup; mount -o remount,bind,ro /sys/fs/cgroup;";
    private const string HybridWithoutV2 = "umount -R /sys/fs/cgroup; mount -t tmpfs tmpfs /sys/fs/cgroup; mkdir /sys/fs/cgroup/pids; mount -t cgroup -o pids pids /sys/fs/cgroup/pids;";
    private const string NoPins = "mount -t tmpfs tmpfs /sys/fs/bpf; setpriv --bounding-set=-sys_admin";

    public static TheoryData<string, string, string[]> Lacking => new()
    {
        { "run", "setpriv --bounding-set=-bpf,-sys_admin", ["capabilities: without CAP_BPF", "mount namespace: without CAP_SYS_ADMIN"] },
        { "sidecar", "setpriv --bounding-set=-bpf,-sys_admin", ["capabilities: without CAP_BPF"] },
        { "sidecar", "setpriv --bounding-set=-net_admin,-sys_admin", ["capabilities: without CAP_NET_ADMIN"] },
        { "run", "unshare --user --map-root-user", ["user namespace: not the initial one"] },
        { "sidecar", "unshare --user --map-root-user", ["user namespace: not the initial one"] },
        { "run", "umount -R /sys/fs/cgroup;", ["cgroup v2: no cgroup v2 hierarchy is mounted; fix: mkdir"] },
        { "sidecar", "mount -t tmpfs tmpfs /sys/fs/cgroup;", ["cgroup v2: no cgroup v2 hierarchy is mounted; fix: mkdir"] },
        { "run", HybridWithoutV2, ["cgroup v2: no cgroup v2 hierarchy is mounted; fix: mkdir"] },
        { "run", ReadOnlyCgroups, ["cgroup directories: /sys/fs/cgroup is mounted read-only; fix: mount -o remount,rw"] },
        { "sidecar", ReadOnlyCgroups, ["cgroup directories: /sys/fs/cgroup is mounted read-only; fix: mount -o remount,rw"] },
        { "run", NoLibrary, ["libbpf: libbpf.so.1 cannot be loaded; fix: apt-get install libbpf1"] },
        { "sidecar", NoLibrary, ["libbpf: libbpf.so.1 cannot be loaded; fix: apt-get install libbpf1"] },
        { "run", OldKernel, ["kernel: Linux 4.19.0 is older than", "capabilities: without CAP_BPF"] },
        { "sidecar", OldKernel, ["kernel: Linux 4.19.0 is older than", "capabilities: without CAP_BPF"] },
        { "sidecar", NoPins, ["bpffs: not mounted at /sys/fs/bpf"] },
    };

    [Theory]
    [MemberData(nameof(Lacking))]
    public async Task Start_without_what_it_needs_names_it_with_the_fix(string verb, string preparation, string[] missing)
    {
        var instance = $"test-{Guid.NewGuid():N}";

        var result = await StartAsync(verb, preparation, instance);

        Assert.Equal((verb == "run" ? 125 : 2, string.Empty), (result.ExitCode, result.Output));
        Assert.All(missing, lacking => Assert.Contains("policyproxy: missing " + lacking, result.Errors));
        Assert.All(result.Errors.Split('\n').Where(static line => line.StartsWith("policyproxy: missing", StringComparison.Ordinal)), static line => Assert.Contains("; fix: ", line));
        Assert.DoesNotContain("   at ", result.Errors);
        Assert.False(Directory.Exists($"/sys/fs/bpf/policyproxy/{instance}"));
        Assert.False(Directory.Exists(Path.Combine(CgroupMount.Find().Point, "policyproxy", instance)));
    }

    /// <summary>Otherwise every start might say so.</summary>
    [Fact]
    public async Task Start_with_everything_it_needs_names_nothing()
    {
        // Both cgroups are the same: the user's mistake, not the machine's.
        var result = await StartAsync("sidecar --workload-cgroup /sys --proxy-cgroup /sys", ":;", $"test-{Guid.NewGuid():N}");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("must be apart", result.Errors);
        Assert.DoesNotContain("missing", result.Errors);
    }

    private static async Task<CommandResult> StartAsync(string verb, string preparation, string instance)
    {
        var policy = Path.GetTempFileName();
        await File.WriteAllTextAsync(policy, Policies.Egress("- toCIDR: [\"198.18.0.1/32\"]"));
        var rest = verb == "run" ? "-- echo ran" : $"--transparent --instance {instance} --labels app=work";
        var result = await ConfinedCommand.ExecuteAsync("unshare", ["--mount", "sh", "-c", $"{preparation} dotnet {ConfinedCommand.Program} {verb} -p {policy} {rest}"]);
        File.Delete(policy);
        return result;
    }
}
