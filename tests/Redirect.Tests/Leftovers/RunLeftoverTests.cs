using System.Globalization;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Redirect.Tests.Sidecar;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Leftovers;

/// <summary><c>policyproxy run</c> takes along everything it has put into the kernel.</summary>
[Collection(SidecarCollection.Name)]
public sealed class RunLeftoverTests(World world)
{
    private const int Cycles = 100;

    [Fact]
    public async Task Hundred_runs_leave_no_program_map_link_pin_or_cgroup()
    {
        var policy = Path.GetTempFileName();
        await File.WriteAllTextAsync(policy, world.Policy);

        // Two at a time, so that one ends while another starts.
        await Parallel.ForAsync(0, Cycles, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (_, _) => await CycleAsync(policy));

        File.Delete(policy);
    }

    /// <summary>Otherwise the test above would prove nothing.</summary>
    [Fact]
    public async Task Link_that_a_pin_keeps_after_the_run_is_noticed()
    {
        var policy = Path.GetTempFileName();
        await File.WriteAllTextAsync(policy, world.Policy);
        using var run = await HeldRun.StartAsync(policy);
        var objects = run.Objects();
        var link = objects.Ids.First(static one => one.Kind == KernelObject.Link).Id;
        var pin = $"/sys/fs/bpf/test-{Guid.NewGuid():N}";
        NetworkNamespace.Execute("bpftool", ["link", "pin", "id", link.ToString(CultureInfo.InvariantCulture), pin]);
        try
        {
            await run.EndAsync();

            Assert.Contains((KernelObject.Link, link), objects.Living());
            Assert.Contains(objects.Living(), static one => one.Kind == KernelObject.Program);
            Assert.Contains(objects.Living(), static one => one.Kind == KernelObject.Map);
        }
        finally
        {
            File.Delete(pin);
            File.Delete(policy);
        }

        Assert.Empty(await objects.RemainingAsync());
    }

    private static async Task CycleAsync(string policy)
    {
        using var run = await HeldRun.StartAsync(policy);
        var objects = run.Objects();
        Assert.True(objects.Count(KernelObject.Program) >= 18 && objects.Count(KernelObject.Map) >= 13 && objects.Count(KernelObject.Link) >= 18, objects.ToString());
        Assert.Equal(objects.Ids.Count, objects.Living().Count);
        Assert.True(Directory.Exists(run.Pins) && Directory.Exists(run.Cgroup));

        var (exitCode, errors) = await run.EndAsync();

        Assert.True(exitCode == 0, errors);
        Assert.Empty(await objects.RemainingAsync());
        Assert.False(Directory.Exists(run.Pins), run.Pins);
        Assert.False(Directory.Exists(run.Cgroup), run.Cgroup);
    }
}
