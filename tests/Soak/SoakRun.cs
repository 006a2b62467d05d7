using System.Diagnostics;
using PolicyProxy.Soak.Disturbance;
using PolicyProxy.Soak.Origins;
using PolicyProxy.Soak.Traffic;
using PolicyProxy.Soak.Verdicts;
using PolicyProxy.Soak.Watch;

namespace PolicyProxy.Soak;

/// <summary>
/// One run: origins, the sidecar before them, clients before it, and somebody who disturbs all of it. In order: (1) start,
/// (2) load with disturbances, (3) silence: everything the sidecar held for the load must be gone, (4) stop.
/// </summary>
internal sealed class SoakRun
{
    /// <summary>Longest time after the load until the sidecar must have closed what it had open for it.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(90);

    /// <summary>Longest extension of a short run in which something has not happened yet.</summary>
    private static readonly TimeSpan s_extension = TimeSpan.FromMinutes(2);

    /// <summary>Descriptors that may have been added for good since the start: files and sockets of the runtime, opened on first use.</summary>
    private const int DescriptorSlack = 8;

    private static readonly string[] s_musts =
    [
        "policies: replaced", "policies: invalid files", "outages of one origin", "outages of all origins", "denied: 403",
        "aborted in the head", "aborted in the body", "aborted before the answer", "aborted in the answer", "WebSocket messages",
        .. Enum.GetNames<ResponseShape>().Where(static name => !name.StartsWith("Drop", StringComparison.Ordinal)).Select(static name => $"answered: {name}"),
        "visits: one after the other", "visits: pipelined", "visits: half-closed", "visits: malformed", "visits: web socket", "visits: slow reader", "visits: slow writer",
    ];

    private readonly SoakOptions _options;
    private readonly TextWriter _output;
    private readonly PolicyTimeline _policies = new(PolicyVersion.All[0]);
    private readonly OutageTimeline _outages = new();
    private readonly Referee _referee;
    private readonly ExchangeIds _ids = new();
    private readonly List<Sample> _samples = [];

    public SoakRun(SoakOptions options, TextWriter output)
    {
        _options = options;
        _output = output;
        _referee = new Referee(_policies, _outages, Tally);
    }

    /// <summary>What happened.</summary>
    public Tally Tally { get; } = new();

    /// <summary>True if nothing happened that must not happen.</summary>
    public async Task<bool> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("policyproxy-soak-");
        try
        {
            await RunAsync(Path.Combine(folder.FullName, "policy.yaml"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Report();
        return Tally.FailuresByKind.Count == 0;
    }

    private async Task RunAsync(string policyFile)
    {
        // 1. start
        _output.WriteLine($"soak: {_options.Length} with {_options.Connections} clients, seed {_options.Seed}, flows {_options.Flows}, sidecar {_options.Sidecar}");
        await File.WriteAllTextAsync(policyFile, PolicyVersion.All[0].Yaml());
        var fleet = new OriginFleet(_referee, _options.Origins);
        await using var stopFleet = fleet.ConfigureAwait(true);
        using var sidecar = await SidecarProcess.StartAsync(_options, policyFile, fleet.Address);
        var turner = new PolicyTurner(policyFile, sidecar.Address, NewGenerator(0), _policies, _referee, Tally);
        await turner.WaitUntilInForceAsync();
        var atRest = sidecar.Measure(default, 0);

        // 2. load
        using (var stop = new CancellationTokenSource())
        {
            Task[] all =
            [
                turner.RunAsync(_options.BetweenPolicies, stop.Token),
                new OriginBreaker(fleet, _outages, Tally, _options.Seed).RunAsync(_options.BetweenOutages, stop.Token),
                .. Enumerable.Range(1, _options.Connections).Select(number =>
                    Task.Run(() => new Client(sidecar.Address, NewGenerator(number), _referee, _outages, Tally).RunAsync(stop.Token))),
            ];
            await WatchAsync(sidecar, Task.WhenAny(all));
            await stop.CancelAsync();
            await Task.WhenAll(all);
        }

        // 3. silence
        await fleet.DisposeAsync();
        await AwaitSilenceAsync(sidecar, atRest);

        // 4. stop
        if (await sidecar.StopAsync(s_silence) is var code && code != 0)
        {
            Tally.Fail("the sidecar did not stop as asked", $"exit code {code}");
        }

        if (await sidecar.Errors is { Length: > 0 } errors)
        {
            Tally.Fail("the sidecar reported problems", errors);
        }
    }

    private ExchangeGenerator NewGenerator(int number) => new(_ids, unchecked((_options.Seed * 7919) + number));

    /// <summary>Samples until the time is over and everything has happened once, or until one of the tasks that ought to go on has ended.</summary>
    private async Task WatchAsync(SidecarProcess sidecar, Task ended)
    {
        var start = Stopwatch.GetTimestamp();
        var previous = default(Sample);
        while (!ended.IsCompleted && Stopwatch.GetElapsedTime(start) is var elapsed
            && (elapsed < _options.Length || (Missing().Any() && elapsed < _options.Length + s_extension)))
        {
            await Task.WhenAny(Task.Delay(_options.BetweenSamples), ended);
            var sample = sidecar.Measure(Stopwatch.GetElapsedTime(start), Tally["answers"]);
            _samples.Add(sample);
            _output.WriteLine(sample.Line(previous) + (Tally.FailuresByKind.Count == 0 ? "" : $"  FAILURES: {Tally.FailuresByKind.Values.Sum()}"));
            previous = sample;
        }

        foreach (var name in Missing())
        {
            Tally.Fail("never happened", name);
        }
    }

    private IEnumerable<string> Missing() => s_musts.Where(name => Tally[name] == 0);

    private async Task AwaitSilenceAsync(SidecarProcess sidecar, Sample atRest)
    {
        var start = Stopwatch.GetTimestamp();
        Sample now;
        while ((now = sidecar.Measure(default, 0)).Descriptors > atRest.Descriptors + DescriptorSlack)
        {
            if (Stopwatch.GetElapsedTime(start) > s_silence)
            {
                Tally.Fail("descriptors leaked", $"{atRest.Descriptors} before the load, {now.Descriptors} after it and {s_silence.TotalSeconds} s of silence");
                return;
            }

            await Task.Delay(100);
        }

        _output.WriteLine($"silence: {now.Descriptors} descriptors ({atRest.Descriptors} before the load) after {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {now.MemoryKb / 1024.0:F1} MB ({atRest.MemoryKb / 1024.0:F1})");
    }

    private void Report()
    {
        var trend = new Trend(_samples);
        if (trend.CanTell && !trend.IsFlat)
        {
            Tally.Fail("memory or descriptors are not flat", trend.Text().ReplaceLineEndings("; "));
        }

        _output.WriteLine("\ncounts:");
        foreach (var (name, count) in Tally.Counts)
        {
            _output.WriteLine($"  {count,10}  {name}");
        }

        _output.WriteLine($"\ntrend: {trend.Text()}\n");
        foreach (var failure in Tally.Failures)
        {
            _output.WriteLine(failure);
        }

        foreach (var (kind, count) in Tally.FailuresByKind)
        {
            _output.WriteLine($"FAILED  {count,8}  {kind}");
        }

        _output.WriteLine(Tally.FailuresByKind.Count == 0 ? "soak: passed" : "soak: failed");
    }
}
