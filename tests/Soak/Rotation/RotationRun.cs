using System.Diagnostics;
using System.Globalization;
using PolicyProxy.TestKit.Rotation;

namespace PolicyProxy.Soak.Rotation;

/// <summary>The long form of the rotation simulation: <c>Soak rotation [HOURS [SEED]]</c>, simulated hours, 24 unless given.</summary>
internal static class RotationRun
{
    private const long MostBytes = 64 << 20;

    public static bool Run(string[] arguments, TextWriter output)
    {
        var hours = arguments is [var given, ..] ? double.Parse(given, CultureInfo.InvariantCulture) : 24;
        var seed = arguments is [_, var start, ..] ? int.Parse(start, CultureInfo.InvariantCulture) : Environment.TickCount;
        var clock = Stopwatch.StartNew();
        var report = new RotationSimulation(seed).Run((int)(hours * 3_600));
        output.WriteLine($"seed {seed}: {hours} simulated hours in {clock.Elapsed.TotalSeconds:F0} s");
        output.WriteLine(report);
        return report is { FalseDrops: 0, CrossNameAllows: 0, StaleCopies: 0, MostBytes: < MostBytes };
    }
}
