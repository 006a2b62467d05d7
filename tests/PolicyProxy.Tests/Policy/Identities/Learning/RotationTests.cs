using PolicyProxy.TestKit.Rotation;

namespace PolicyProxy.Tests.Identities.Learning;

/// <summary>The short form; <c>dotnet run --project tests/Soak -- rotation</c> is the long one, a simulated day.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class RotationTests
{
    private const int Seconds = 1_800;
    private const long MostBytes = 64 << 20;

    [Fact]
    public void Rotation_of_shared_addresses_drops_nothing_and_opens_no_other_name()
    {
        var report = new RotationSimulation(seed: 5).Run(Seconds);
        Assert.Equal((0, 0, 0), (report.FalseDrops, report.CrossNameAllows, report.StaleCopies));
        Assert.InRange(report.MostBytes, 1, MostBytes);

        // Otherwise the run proves nothing.
        Assert.True(report is { AddressesUsed: > 9_000, MostShared: > 100, Requests: > 20_000, Intrusions: > 50_000 }, report.ToString());
    }
}

/// <summary>Runs when no other test does: what is measured is the memory of the process.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;
