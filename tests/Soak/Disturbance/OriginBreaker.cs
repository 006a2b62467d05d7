using PolicyProxy.Soak.Origins;
using PolicyProxy.Soak.Verdicts;

namespace PolicyProxy.Soak.Disturbance;

/// <summary>Kills origins and starts them again: mostly one of them, every third time all.</summary>
internal sealed class OriginBreaker(OriginFleet fleet, OutageTimeline outages, Tally tally, int seed)
{
    private readonly Random _random = new(seed);

    /// <param name="pause">Mean time between two outages; an outage takes up to a quarter of it, at most two seconds.</param>
    /// <param name="stop">Ends it, with all origins running.</param>
    public async Task RunAsync(TimeSpan pause, CancellationToken stop)
    {
        for (var round = 1; await Pauses.WaitAsync(pause, stop); round++)
        {
            var all = round % 3 == 0;
            var first = _random.Next(fleet.Count);
            var broken = Enumerable.Range(0, all ? fleet.Count : 1).Select(i => (first + i) % fleet.Count).ToList();
            var reset = _random.Next(2) == 0;
            outages.Begin();
            foreach (var index in broken)
            {
                await fleet.KillAsync(index, reset);
            }

            await Pauses.WaitAsync(TimeSpan.FromSeconds(Math.Min(2, _random.NextDouble() * pause.TotalSeconds / 4)), stop);
            broken.ForEach(fleet.Start);
            outages.End();
            tally.Count(all ? "outages of all origins" : "outages of one origin");
        }
    }
}
