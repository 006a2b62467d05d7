using System.Diagnostics;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Redirect.Tests.Sidecar;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Leftovers;

/// <summary>A transparent sidecar leaves what it has to leave and nothing else.</summary>
[Collection(SidecarCollection.Name)]
public sealed class SidecarLeftoverTests(World world)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Sidecars_that_detach_at_the_end_leave_nothing()
    {
        using var pod = NetworkNamespace.Create($"pp{Environment.ProcessId:x}left");
        using var cable = new WorldNetwork(pod);
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy, pod, "--pod", "--detach-on-exit");
        for (var cycle = 0; cycle < 10; cycle++)
        {
            if (cycle > 0)
            {
                await sidecar.StartAsync();
            }

            var objects = KernelObjects.Of(sidecar.ProcessId);

            // Besides those of run: the network namespace's and the device's.
            Assert.True(objects.Count(KernelObject.Link) >= 20, objects.ToString());
            Assert.Equal(0, await sidecar.StopAsync());

            await AssertNothingIsLeftAsync(sidecar, objects);
        }
    }

    [Fact]
    public async Task Killed_sidecars_leave_what_holds_the_workload_until_it_is_detached()
    {
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);
        for (var cycle = 0; cycle < 5; cycle++)
        {
            if (cycle > 0)
            {
                await sidecar.StartAsync();
            }

            var objects = KernelObjects.Of(sidecar.ProcessId);
            await sidecar.KillAsync();
            Assert.Equal(objects.Count(KernelObject.Link), objects.Living().Count(static one => one.Kind == KernelObject.Link));

            var detached = await ConfinedCommand.StartAsync(["detach", sidecar.Instance]);

            Assert.True(detached.ExitCode == 0, detached.ToString());
            await AssertNothingIsLeftAsync(sidecar, objects);
        }
    }

    [Fact]
    public async Task Policies_that_were_replaced_leave_no_table_and_no_descriptor()
    {
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);
        var before = KernelObjects.Of(sidecar.ProcessId);
        var descriptors = BpfDescriptors(sidecar.ProcessId);
        var seen = before.Ids.ToHashSet();
        for (var reload = 0; reload < 20; reload++)
        {
            sidecar.SetPolicy(world.Policy + $"\n# {reload}\n");
            seen.UnionWith((await UntilAsync(sidecar.ProcessId, now => now.Ids.Count(one => !seen.Contains(one)) >= 2, "published")).Ids);
        }

        // Two tables each for the policy in force and the one before, at most beside those of the first policy; the others have no user.
        // The two in force are kept open for what is learned.
        var last = await UntilAsync(
            sidecar.ProcessId,
            now => now.Count(KernelObject.Map) <= before.Count(KernelObject.Map) + 4 && BpfDescriptors(sidecar.ProcessId) == descriptors + 2,
            "let go of");
        Assert.Equal(before.Count(KernelObject.Program), last.Count(KernelObject.Program));
        seen.ExceptWith(last.Ids);
        Assert.True(seen.Count >= 36, $"{seen.Count} tables were replaced");
        Assert.Empty(await new KernelObjects(seen).RemainingAsync());
    }

    private static async Task AssertNothingIsLeftAsync(RunningSidecar sidecar, KernelObjects objects)
    {
        Assert.Empty(await objects.RemainingAsync());
        Assert.False(Directory.Exists(Path.GetDirectoryName(sidecar.Pins)), sidecar.Pins);
        Assert.False(Directory.Exists(sidecar.Cgroup), sidecar.Cgroup);
    }

    private static async Task<KernelObjects> UntilAsync(int process, Predicate<KernelObjects> isReached, string what)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var now = KernelObjects.Of(process);
            if (isReached(now))
            {
                return now;
            }

            Assert.True(Stopwatch.GetElapsedTime(since) < s_limit, $"not {what} in time: {string.Join(' ', now.Ids)}");
            await Task.Yield();
        }
    }

    private static int BpfDescriptors(int process) => new DirectoryInfo($"/proc/{process}/fd").GetFiles()
        .Count(static file => file.LinkTarget?.Contains("bpf", StringComparison.Ordinal) == true);
}
