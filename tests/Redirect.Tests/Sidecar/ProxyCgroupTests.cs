using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>A proxy in a cgroup of somebody else's choice: <c>--proxy-cgroup</c>.</summary>
[Collection(SidecarCollection.Name)]
public sealed class ProxyCgroupTests(World world)
{
    private readonly string _cgroup = Path.Combine(CgroupMount.Find().Point, $"test-{Guid.NewGuid():N}");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Proxy_serves_from_the_cgroup_it_was_given_and_leaves_it_there(bool exists)
    {
        if (exists)
        {
            Directory.CreateDirectory(_cgroup);
        }

        await using (var sidecar = await RunningSidecar.StartAsync(world.Policy, where: null, "--proxy-cgroup", _cgroup, "--detach-on-exit"))
        {
            Assert.Contains($"/{Path.GetFileName(_cgroup)}\n", await File.ReadAllTextAsync($"/proc/{sidecar.ProcessId}/cgroup"));
            Assert.False(Directory.Exists(Path.Combine(sidecar.Cgroup, "proxy")));
            foreach (var host in new[] { $"{world.Network.V4(2)}", $"[{world.Network.V6(2)}]" })
            {
                Assert.Equal("200", await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", $"http://{host}:8080/ok"));
                Assert.Equal("403", await sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", $"http://{host}:8080/no"));
            }

            Assert.Equal(0, await sidecar.StopAsync());
            Assert.False(Directory.Exists(sidecar.Cgroup));
        }

        Directory.Delete(_cgroup); // throws if it is gone, or somebody is in it
    }

    [Theory]
    [InlineData("", "/proxy")]
    [InlineData("/workload", "")]
    [InlineData("", "")]
    public async Task Proxy_at_below_or_above_the_workload_is_refused(string workload, string proxy)
    {
        Directory.CreateDirectory(_cgroup + workload);
        try
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(
                () => RunningSidecar.StartAsync(world.Policy, where: null, "--workload-cgroup", _cgroup + workload, "--proxy-cgroup", _cgroup + proxy));

            Assert.Contains("must be apart", refused.Message);
            Assert.False(Directory.Exists(_cgroup + "/proxy"));
        }
        finally
        {
            _ = new CgroupDirectory(_cgroup).TryRemove();
        }
    }
}
