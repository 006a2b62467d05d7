using System.Globalization;

namespace PolicyProxy.Soak.Watch;

/// <summary>Compares what the sidecar used early in a long run with what it used at its end.</summary>
internal sealed class Trend(IReadOnlyList<Sample> samples)
{
    private static readonly TimeSpan s_warm = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(5);

    /// <summary>Memory may be this much higher at the end: a tenth, or a collector's whim.</summary>
    private const long SlackKb = 8 * 1024;

    private IReadOnlyList<Sample> Early => [.. samples.Where(sample => sample.At > s_warm && sample.At <= s_warm + s_window)];

    private IReadOnlyList<Sample> Late => [.. samples.Where(sample => sample.At > samples[^1].At - s_window)];

    /// <summary>False for runs of less than 15 minutes: too short to tell a leak from warming up.</summary>
    public bool CanTell => samples.Count > 0 && samples[^1].At >= s_warm + s_window + s_window - TimeSpan.FromSeconds(15);

    public bool IsFlat =>
        Median(Late, MemoryKb) <= Median(Early, MemoryKb) + Math.Max(SlackKb, Median(Early, MemoryKb) / 10)
        && Median(Late, Descriptors) <= (Median(Early, Descriptors) * 1.2) + 20;

    public string Text() => !CanTell ? "too short to judge" : string.Create(CultureInfo.InvariantCulture, $"""
        memory: median of minutes 5 to 10 {Median(Early, MemoryKb) / 1024:F1} MB, of the last 5 minutes {Median(Late, MemoryKb) / 1024:F1} MB, slope {Slope(MemoryKb):F1} KB a minute
        descriptors: {Median(Early, Descriptors):F0}, {Median(Late, Descriptors):F0}, slope {Slope(Descriptors):F2} a minute
        threads: {Median(Early, Threads):F0}, {Median(Late, Threads):F0}
        """);

    private static double MemoryKb(Sample sample) => sample.MemoryKb;

    private static double Descriptors(Sample sample) => sample.Descriptors;

    private static double Threads(Sample sample) => sample.Threads;

    private static double Median(IReadOnlyList<Sample> of, Func<Sample, double> value)
    {
        var sorted = of.Select(value).Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>Least squares over everything after the warm-up.</summary>
    private double Slope(Func<Sample, double> value)
    {
        var warm = samples.Where(static sample => sample.At > s_warm).ToList();
        var (meanTime, mean) = (warm.Average(static sample => sample.At.TotalMinutes), warm.Average(value));
        var squares = warm.Sum(sample => Math.Pow(sample.At.TotalMinutes - meanTime, 2));
        return warm.Sum(sample => (sample.At.TotalMinutes - meanTime) * (value(sample) - mean)) / squares;
    }
}
