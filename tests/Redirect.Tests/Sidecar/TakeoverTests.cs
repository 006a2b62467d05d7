using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>What a process does with the pins of the one before.</summary>
[Collection(SidecarCollection.Name)]
public sealed class TakeoverTests(World world)
{
    [Fact]
    public async Task Takeover_holds_a_cgroup_that_was_removed_and_made_again()
    {
        await using var sidecar = await RunningSidecar.StartAsync(world.Policy);
        await sidecar.StopAsync();
        var work = Path.Combine(sidecar.Cgroup, "workload");
        Directory.Delete(work);

        await sidecar.StartAsync();

        Assert.Equal("000", await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", $"http://{world.Network.V4(9)}:8081/"));
        Assert.Equal("200", await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", $"http://{world.Network.V4(9)}:8080/ok"));
    }

    [Fact]
    public async Task Takeover_for_another_workload_is_refused_while_the_first_lives()
    {
        var other = Path.Combine(CgroupMount.Find().Point, "test-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(other);
        try
        {
            await using var sidecar = await RunningSidecar.StartAsync(world.Policy);
            await sidecar.StopAsync();
            string[] policyNumber = ["bpftool", "map", "dump", "pinned", $"{sidecar.Pins}/map_generation", "-j"];
            var before = await sidecar.RunAsync(policyNumber);

            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => sidecar.StartAsync("--workload-cgroup", other));

            Assert.Contains("another cgroup", refused.Message);
            Assert.NotEmpty(before);
            Assert.Equal(before, await sidecar.RunAsync(policyNumber));
        }
        finally
        {
            Directory.Delete(other);
        }
    }
}
