using System.Diagnostics;
using System.Globalization;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Redirect.Tests.Sidecar;
using PolicyProxy.Sidecar.Launching;
using Xunit.Abstractions;

namespace PolicyProxy.Redirect.Tests.Leftovers;

/// <summary><c>policyproxy run</c> that is killed leaves its command alive and held; a sidecar can take its place, and <c>detach</c> ends it all.</summary>
[Collection(SidecarCollection.Name)]
public sealed class KilledRunTests(World world, ITestOutputHelper output) : IDisposable
{
    private const string ServedOrRefused = "^l7=(200|closed|broken) path=(403|closed|broken) l4=200 denied=refused$";

    private readonly string _policy = Path.GetTempFileName();

    public void Dispose() => File.Delete(_policy);

    [Fact]
    public async Task Command_of_a_killed_run_ends_and_nothing_is_left()
    {
        await File.WriteAllTextAsync(_policy, world.Policy);
        using var run = await HeldRun.StartAsync(_policy);
        var instance = Path.GetFileName(run.Cgroup);
        _ = await StandInOfAsync(instance);

        // Whether it still takes over depends on how soon the command ends.
        var (_, errors) = await run.KillAsync();

        Assert.DoesNotContain("error", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run.Cgroup), run.Cgroup);
        Assert.False(Directory.Exists(run.Pins), run.Pins);
    }

    // It starts when the command has run for a while.
    private static async Task<int> StandInOfAsync(string instance)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var deadline = Environment.TickCount64 + 60_000; Environment.TickCount64 < deadline; await timer.WaitForNextTickAsync())
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(static name => char.IsAsciiDigit(name![0])))
            {
                try
                {
                    if (File.ReadAllText($"/proc/{process}/cmdline").Split('\0') is var words && words.Contains(StandIn.Verb) && words.Contains(instance))
                    {
                        return int.Parse(process!, CultureInfo.InvariantCulture);
                    }
                }
                catch (IOException)
                {
                    // it has ended
                }
            }
        }

        throw new TimeoutException($"{instance} has got no stand-in");
    }

    [Fact]
    public async Task Command_of_a_killed_run_is_taken_over_and_held_when_nobody_is_left_to_do_so()
    {
        var net = world.Network;
        await File.WriteAllTextAsync(_policy, world.Policy);
        string[] command = ["python3", "-c", KilledProxyTests.Load, $"{net.V4(5)}", $"{net.V4(3)}", $"{net.V4(6)}", $"{net.V6(5)}", $"{net.V6(3)}", $"{net.V6(6)}"];
        var run = Process.Start(new ProcessStartInfo(ConfinedCommand.Command[0], [.. ConfinedCommand.Command[1..], "run", "-p", _policy, "--", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var id = run.Id;
        var instance = "run-" + id.ToString(CultureInfo.InvariantCulture);
        var cgroup = Path.Combine(CgroupMount.Find().Point, "policyproxy", instance);
        using var load = new Workload(run);
        try
        {
            _ = load.Until(static round => round == "l7=200 path=403 l4=200 denied=refused");

            // Only this process: the command is none of its business.
            var standIn = await StandInOfAsync(instance);
            var watch = Stopwatch.StartNew();
            Assert.Equal(0, ProcessCalls.kill(id, 9));
            var meanwhile = load.UntilError("judges in its place");
            output.WriteLine($"taken over after {watch.ElapsedMilliseconds} ms");
            Assert.All(meanwhile.Concat(Enumerable.Range(0, 16).Select(_ => load.Next())), static round => Assert.Matches(ServedOrRefused, round));
            load.Skip();
            Assert.All(Enumerable.Range(0, 40).Select(_ => load.Next()), static round => Assert.Equal("l7=200 path=403 l4=200 denied=refused", round));

            Assert.Equal(0, ProcessCalls.kill(standIn, 9));
            KilledProxyTests.Settle(load);

            Assert.All(Enumerable.Range(0, 40).Select(_ => load.Next()), static round => Assert.Equal("l7=closed path=closed l4=200 denied=refused", round));
            Assert.NotEmpty(await File.ReadAllLinesAsync($"{cgroup}/workload/cgroup.procs"));

            var sidecar = await RunningSidecar.AdoptAsync(instance, world.Policy);
            load.Skip();
            _ = load.Until(static round => round == "l7=200 path=403 l4=200 denied=refused");
            Assert.Equal(0, await sidecar.StopAsync());

            var detached = await ConfinedCommand.StartAsync(["detach", instance, "--kill"]);
            Assert.True(detached.ExitCode == 0, detached.ToString());
            Assert.False(Directory.Exists(cgroup), cgroup);
            Assert.False(Directory.Exists($"/sys/fs/bpf/policyproxy/{instance}"));
            Assert.DoesNotContain(world.Server.Requests, static request => request.EndsWith(" /no", StringComparison.Ordinal));
            Assert.Equal(0, world.Packets.CountTo(net.V4(6)) + world.Packets.CountTo(net.V6(6)));
            await sidecar.DisposeAsync();
        }
        finally
        {
            _ = await ConfinedCommand.StartAsync(["detach", instance, "--kill", "--force"]);
        }
    }
}
