namespace PolicyProxy.Sidecar.Tests.Redirect.Requirements;

/// <summary>The real program on the real kernel, with something taken away from it each time.</summary>
public sealed class DoctorTests
{
    [RootTheory]
    [InlineData("run")]
    [InlineData("sidecar")]
    public async Task Doctor_finds_everything_for_root(string verb)
    {
        var run = await DoctorRun.InAsync("mount -t bpf bpf /sys/fs/bpf;", verb);

        Assert.Equal([], run.Missing);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(("ok", "ok", "ok"), (run.States["bpf system call"], run.States["hook cgroup/connect"], run.States["bpffs"]));
        Assert.Equal(verb == "run", run.States.ContainsKey("mount namespace"));
    }

    [RootTheory]
    [InlineData("sidecar", "-sys_admin", 0)]
    [InlineData("run", "-sys_admin", 1, "mount namespace")]
    [InlineData("sidecar", "-all,+bpf,+net_admin,+dac_override", 0)]
    [InlineData("sidecar", "-all,+bpf,+net_admin", 1, "cgroup directories")] // the directory at the top is mode 0555
    [InlineData("sidecar", "-sys_admin,-bpf", 1, "capabilities", "bpf system call")]
    [InlineData("sidecar", "-sys_admin,-net_admin", 1, "capabilities")]
    [InlineData("run", "-all", 1, "bpf system call", "capabilities", "cgroup directories", "mount namespace")]
    public async Task Doctor_with_dropped_capabilities_names_what_is_missing(string verb, string change, int exitCode, params string[] missing)
    {
        // A cgroup of this test stands for the top of the hierarchy: in the real one other tests make the folder that needs no rights over the top.
        using var left = new Instances.LeftBehind();
        var run = await DoctorRun.InAsync(
            $"mount --bind {left.Roots.Cgroups} /sys/fs/cgroup; chmod 555 /sys/fs/cgroup; mount -t bpf bpf /sys/fs/bpf; setpriv --bounding-set={change}", verb);

        Assert.Equal(missing.Order(), run.Missing.Order());
        Assert.Equal(exitCode, run.ExitCode);
    }

    [RootFact]
    public async Task Doctor_without_rights_over_the_hierarchy_takes_a_folder_that_root_made()
    {
        using var left = new Instances.LeftBehind();
        var mount = left.Roots.Cgroups; // a cgroup of this test stands for the top of a hierarchy
        Directory.CreateDirectory(Path.Combine(mount, "policyproxy"));

        var run = await DoctorRun.InAsync($"mount --bind {mount} /sys/fs/cgroup; chmod 555 /sys/fs/cgroup; setpriv --bounding-set=-all,+bpf,+net_admin", "sidecar");

        Assert.Equal(("ok", "can be created in /sys/fs/cgroup/policyproxy"), (run.States["cgroup directories"], run.Details["cgroup directories"]));
    }

    [RootFact]
    public async Task Doctor_in_a_user_namespace_blames_it_and_not_the_capabilities()
    {
        var run = await DoctorRun.InAsync("mount -t bpf bpf /sys/fs/bpf; unshare --user --map-root-user", "sidecar");

        Assert.Contains("user namespace", run.Missing);
        Assert.Equal(("ok", "refused in this user namespace"), (run.States["capabilities"], run.Details["bpf system call"]));
    }

    [RootTheory]
    [InlineData("mount -t tmpfs tmpfs /sys/fs/cgroup;", "cgroup directories", "cgroup v2")]
    [InlineData("umount -R /sys/fs/cgroup;", "cgroup directories", "cgroup v2")]
    [InlineData("umount -R /sys/fs/cgroup; mount -t cgroup2 -o ro cgroup2 /sys/fs/cgroup; mount -o remount,bind,ro /sys/fs/cgroup;", "cgroup directories")]
    [InlineData("umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup;")]
    public async Task Doctor_looks_at_the_cgroups_of_its_mount_namespace(string preparation, params string[] missing)
    {
        var run = await DoctorRun.InAsync(preparation, "run");

        Assert.Equal(missing, run.Missing.Order());
        if (missing.Length == 1)
        {
            Assert.Equal("/sys/fs/cgroup is mounted read-only", run.Details["cgroup directories"]);
        }
    }

    [RootTheory]
    [InlineData("", "run", "degraded")]
    [InlineData("setpriv --bounding-set=-sys_admin", "sidecar", "missing")]
    public async Task Doctor_without_a_bpffs_counts_on_mounting_it_with_the_right_to(string start, string verb, string state)
    {
        var run = await DoctorRun.InAsync($"mount -t tmpfs tmpfs /sys/fs/bpf; {start}", verb);

        Assert.Equal(state, run.States["bpffs"]);
    }

    [RootFact]
    public async Task Doctor_without_libbpf_names_the_package()
    {
        var run = await DoctorRun.InAsync("for file in $(ldconfig -p | grep -o '/.*libbpf.so.1$'); do mount --bind /dev/null $(readlink -f $file); done;", "sidecar");

        Assert.Equal(["libbpf"], run.Missing);
        Assert.Equal("libbpf.so.1 cannot be loaded", run.Details["libbpf"]);
    }

    [RootTheory]
    [InlineData(1, "refused although the capabilities are there: a seccomp filter is active")]
    [InlineData(38, "the kernel has no bpf()")]
    public async Task Doctor_under_a_seccomp_filter_tells_it_from_lacking_rights(int error, string detail)
    {
        var filter = Commands.RepositoryFiles.PathOf("tests/PolicyProxy.Sidecar.Tests/testdata/refuse-bpf.py");

        var run = await DoctorRun.InAsync($"/usr/bin/python3 {filter} {error}", "sidecar");

        Assert.Equal(detail, run.Details["bpf system call"]);
        Assert.Equal(1, run.ExitCode);
    }

    [RootFact]
    public async Task Doctor_with_few_descriptors_works_and_says_so()
    {
        var run = await DoctorRun.InAsync("prlimit --nofile=1024:1024", "sidecar");

        Assert.Equal(("degraded", 0), (run.States["open files"], run.ExitCode));
    }
}
