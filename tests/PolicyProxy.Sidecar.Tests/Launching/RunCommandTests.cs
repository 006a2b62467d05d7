using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Launching.Confining;
using PolicyProxy.Sidecar.Tests.Commands;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>What <c>run</c> refuses, and how it chooses what to probe.</summary>
public sealed class RunCommandTests : IDisposable
{
    private readonly PolicyFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("policyproxy: cannot read no-such.yaml: no such file or directory", "run", "-p", "no-such.yaml", "--", "true")]
    [InlineData("unknown option \"--polcy\", did you mean \"--policy\"?", "run", "--polcy", "x", "-p", "y", "true")]
    [InlineData("Option '--policy' is required", "run", "--", "true")]
    [InlineData("Required argument missing", "run", "-p", "policy.yaml")]
    public void Mistake_ends_with_the_reserved_code(string message, params string[] args)
    {
        var run = CommandRun.Of(args);

        Assert.Equal((125, string.Empty), (run.ExitCode, run.Out));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_policy_ends_with_the_reserved_code()
    {
        var file = _folder.Write("policy.yaml", RunPolicies.Worker.Replace("toCIDR", "toCDIR", StringComparison.Ordinal));

        var run = CommandRun.Of("run", "-p", file, "--", "true");

        Assert.Equal(125, run.ExitCode);
        Assert.Contains("policyproxy: the policies have an error", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_rights_are_named_with_the_fix_and_the_weaker_mode()
    {
        var problem = Assert.Throws<EnforcementException>(() => RunRights.Demand(1UL << (int)Capability.Bpf | 1UL << (int)Capability.SetPCap));

        Assert.Contains("without CAP_NET_ADMIN (to attach them to the command's cgroup), CAP_SYS_ADMIN", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CAP_BPF (", problem.Message, StringComparison.Ordinal);
        Assert.Contains("--mode proxy", problem.Message, StringComparison.Ordinal);
        RunRights.Demand(ulong.MaxValue);
    }

    [Fact]
    public async Task User_without_rights_is_told_and_nothing_runs()
    {
        var outcome = await ConfinedRun.StartAsync(
            "setpriv", ["--bounding-set", "-bpf", "dotnet", LaunchHost.File, "run", "-p", _folder.Write("policy.yaml", RunPolicies.Worker), "--", "echo", "ran"]);

        Assert.Equal((125, string.Empty), (outcome.ExitCode, outcome.Out));
        Assert.Contains("policy cannot be enforced without CAP_BPF", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app=worker", false, "tcp/192.0.2.1:443 tcp/[2001:db8::1]:443 udp/192.0.2.1:443 udp/[2001:db8::1]:443")]
    [InlineData("app=worker", true, "")]
    [InlineData("app=other", false, "")]
    public void Probes_are_what_policy_denies(string labels, bool audit, string expected)
    {
        using var engine = new PolicyEngine(new PolicyCompilerOptions());
        engine.Publish(PolicyFiles.Read(_folder.Write("policy.yaml", RunPolicies.Worker)).Input);

        var probes = ProbeChoice.Choose(engine, engine.Identities.GetWorkload(SubjectLabels.Parse(labels, "default")), audit);

        Assert.Equal(expected, string.Join(' ', probes));
        Assert.Equal(probes, probes.Select(p => ProbeTarget.Parse(p.ToString())));
    }

    [Theory]
    [InlineData("30 1 0:1 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw", "0::/a/b", "/sys/fs/cgroup", "/sys/fs/cgroup/a/b")]
    [InlineData("31 1 0:1 / /sys/fs/cgroup rw - tmpfs tmpfs rw|41 31 0:2 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw", "1:cpu:/x\n0::/", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified")]
    [InlineData("41 31 0:2 /pod /mnt/a\\040b rw master:1 - cgroup2 cgroup2 rw", "0::/pod/c", "/mnt/a b", "/mnt/a b/c")]
    public void Cgroup_hierarchy_is_found_where_it_is_mounted(string lines, string own, string point, string directory)
    {
        var mount = CgroupMount.Find(MountEntry.Parse(lines.Split('|')));

        Assert.Equal((point, directory), (mount.Point, mount.DirectoryOf(own)));
    }

    [Fact]
    public void Machine_without_cgroup_v2_is_told_how_to_mount_it()
    {
        var problem = Assert.Throws<EnforcementException>(() => CgroupMount.Find(MountEntry.Parse(["30 1 0:1 / / rw - ext4 /dev/x rw"])));

        Assert.Contains("mount -t cgroup2", problem.Message, StringComparison.Ordinal);
    }
}
