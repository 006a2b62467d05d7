using System.Diagnostics;
using System.Globalization;

namespace PolicyProxy.Benchmarks.Middleware;

/// <summary>How much later does the slowest request in a hundred get through, and what is allocated for a million of them?</summary>
internal static class MiddlewareLatency
{
    private const int Requests = 1_000_000;
    private const int WarmUp = 200_000;

    /// <summary>Prints a markdown table: the middleware beside the bare pipeline, each request timed by itself.</summary>
    public static void Run()
    {
        Console.WriteLine("| | median | 99th percentile | 99.9th percentile | allocated by 1,000,000 requests |\n|---|---|---|---|---|");
        foreach (var rules in (int[])[1, 100])
        {
            var pipelines = new MiddlewareBenchmarks { Rules = rules };
            pipelines.Setup();
            Measure($"without middleware, {rules} rules", pipelines.WithoutMiddleware);
            Measure($"allowed request, {rules} rules", pipelines.Allowed);
        }
    }

    private static void Measure(string name, Func<Task> request)
    {
        var ticks = new long[Requests];
        for (var i = 0; i < WarmUp; i++)
        {
            _ = request();
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Requests; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _ = request();
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(ticks);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {At(0.5):F2} us | {At(0.99):F2} us | {At(0.999):F2} us | {allocated} B |"));

        double At(double share) => ticks[(int)(Requests * share)] * 1e6 / Stopwatch.Frequency;
    }
}
