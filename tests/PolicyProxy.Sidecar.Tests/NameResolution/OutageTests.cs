using System.Globalization;
using System.Net;
using PolicyProxy.Policy.Persistence;
using PolicyProxy.TestKit.Origins;
using Xunit.Abstractions;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>
/// What clients notice of upgrades and crashes, at a rate that does not wait for answers. <c>POLICYPROXY_DRILL=RATE,SECONDS</c> makes the drills longer.
/// </summary>
[Collection(nameof(DatagramTests))]
public sealed class OutageTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly (int Rate, int Seconds) s_drill = Drill();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Upgrades_under_load_lose_no_query()
    {
        using var resolver = new SmallResolver();
        string[] options = ["--handover", Path.Combine(_folder.FullName, "handover")];
        var current = ResolvingSidecar.Start(_folder.FullName, resolver.Address, null, options);
        var address = current.Address;
        using var load = new QueryLoad(address, s_drill.Rate, "a.good.test");

        for (var upgrade = 1; upgrade <= 3; upgrade++)
        {
            AwaitSent(load, upgrade * s_drill.Rate * s_drill.Seconds / 4);
            var next = ResolvingSidecar.Start(_folder.FullName, resolver.Address, address, options);
            var serving = TimeProvider.System.GetTimestamp();
            Assert.Equal(0, await current.ExitAsync());
            output.WriteLine($"the process before has ended {TimeProvider.System.GetElapsedTime(serving).TotalMilliseconds:0} ms later");
            current.Dispose();
            current = next;
        }

        AwaitSent(load, s_drill.Rate * s_drill.Seconds);
        var (sent, lost, failed, longest) = load.Finish();
        current.Dispose();

        output.WriteLine($"upgrades: 3, queries: {sent}, lost: {lost}, failed: {failed}, longest: {longest.TotalMilliseconds:0} ms");
        Assert.Equal((0, 0), (lost, failed));
    }

    [Fact]
    public void Killed_worker_is_replaced_and_what_came_meanwhile_is_judged_by_the_next()
    {
        using var resolver = new SmallResolver();
        var address = new IPEndPoint(IPAddress.Loopback, FreePort.Find());
        using var sidecar = ResolvingSidecar.Start(_folder.FullName, resolver.Address, address, "--supervise");
        using var allowed = new QueryLoad(address, s_drill.Rate, "a.good.test");
        using var denied = new QueryLoad(address, 100, "a.evil.test");
        AwaitSent(allowed, s_drill.Rate * s_drill.Seconds / 4);
        var worker = Assert.Single(sidecar.Children);

        var killed = TimeProvider.System.GetTimestamp();
        Tool.Run("kill", "procps", "-KILL", worker.ToString(CultureInfo.InvariantCulture));
        sidecar.AwaitStart();
        var recovery = TimeProvider.System.GetElapsedTime(killed);
        Assert.Equal(address, sidecar.Address);
        AwaitSent(allowed, s_drill.Rate * s_drill.Seconds);
        var (sent, lost, failed, longest) = allowed.Finish();
        var refused = denied.Finish();

        output.WriteLine($"queries: {sent}, lost: {lost}, failed: {failed}, longest: {longest.TotalMilliseconds:0} ms, next worker serves after {recovery.TotalMilliseconds:0} ms");
        Assert.NotEqual(worker, Assert.Single(sidecar.Children));
        Assert.InRange(lost, 0, sent / 4); // what the worker had in its hands, and what the kernel had no room for
        Assert.Equal(0, failed);
        Assert.Equal(refused.Sent - refused.Lost, refused.Failed); // nobody was told an address
        Assert.True(resolver.Queries <= sent); // nothing went on that was not allowed
    }

    [Fact]
    public async Task Supervisor_passes_the_signal_and_the_exit_code_on()
    {
        using var resolver = new SmallResolver();
        using var sidecar = ResolvingSidecar.Start(_folder.FullName, resolver.Address, null, "--supervise");
        var worker = Assert.Single(sidecar.Children);

        Tool.Run("kill", "procps", "-TERM", sidecar.ProcessId.ToString(CultureInfo.InvariantCulture));

        Assert.Equal(0, await sidecar.ExitAsync());
        Assert.False(Directory.Exists($"/proc/{worker}"));
    }

    [Fact]
    public async Task Worker_ends_with_its_supervisor()
    {
        using var resolver = new SmallResolver();
        using var sidecar = ResolvingSidecar.Start(_folder.FullName, resolver.Address, null, "--supervise");
        var worker = Assert.Single(sidecar.Children);

        Tool.Run("kill", "procps", "-KILL", sidecar.ProcessId.ToString(CultureInfo.InvariantCulture));

        _ = await sidecar.ExitAsync();
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{worker}"), s_limit));
    }

    [Fact]
    public async Task What_cannot_start_is_not_tried_again()
    {
        using var resolver = new SmallResolver();
        using var sidecar = ResolvingSidecar.Launch(_folder.FullName, resolver.Address, new IPEndPoint(IPAddress.Any, 0), "--supervise");

        Assert.Equal(2, await sidecar.ExitAsync());
    }

    [Fact]
    public void Names_outlive_a_killed_process()
    {
        using var resolver = new SmallResolver();
        var names = Path.Combine(_folder.FullName, "state", "names");
        using (var first = ResolvingSidecar.Start(_folder.FullName, resolver.Address, null, "--dns-state", names))
        {
            using var load = new QueryLoad(first.Address, 20, "a.good.test");
            Assert.True(SpinWait.SpinUntil(() => FqdnFile.Read(names, DateTimeOffset.UtcNow).Names.Count > 0, s_limit));
        }

        var kept = Assert.Single(FqdnFile.Read(names, DateTimeOffset.UtcNow).Names);
        Assert.Equal("a.good.test", kept.Name);
    }

    private static void AwaitSent(QueryLoad load, int count) => Assert.True(SpinWait.SpinUntil(() => load.Sent >= count, s_limit));

    private static (int, int) Drill() => Environment.GetEnvironmentVariable("POLICYPROXY_DRILL") is { } text && text.Split(',') is [var rate, var seconds]
        ? (int.Parse(rate, CultureInfo.InvariantCulture), int.Parse(seconds, CultureInfo.InvariantCulture))
        : (500, 4);
}
