using System.Diagnostics;
using PolicyProxy.TestKit.Generation;

namespace PolicyProxy.Conformance;

/// <summary>Runs the differential test from the command line.</summary>
internal static class DifferentialReport
{
    /// <summary>True if engine and naive evaluator agreed on every case.</summary>
    public static bool Run(long cases, ulong seed, TextWriter output)
    {
        output.WriteLine($"seed {seed}");
        var clock = Stopwatch.StartNew();
        var next = TimeSpan.FromSeconds(5);
        var run = new DifferentialRun(seed);
        var difference = run.Run(cases, counts =>
        {
            if (clock.Elapsed >= next)
            {
                next = clock.Elapsed + TimeSpan.FromSeconds(5);
                output.WriteLine($"{counts.Flows}/{cases} flows, {counts.Flows / clock.Elapsed.TotalSeconds:0}/s");
            }
        });
        output.WriteLine(run.Counts);
        output.WriteLine($"{run.Counts.Flows / clock.Elapsed.TotalSeconds:0} flows/s");
        output.WriteLine(difference ?? "no difference");
        return difference is null;
    }
}
