using PolicyProxy.Soak;
using Xunit.Abstractions;

namespace PolicyProxy.FunctionalTests.Soak;

/// <summary>The soak program in its short form: every kind of visit, policies and outages at least once.</summary>
[Collection(nameof(Alone))]
public sealed class SoakTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("none")]
    [InlineData("json")]
    public async Task Sidecar_under_load_with_reloads_outages_and_aborts_gives_no_wrong_verdict_and_no_mixed_up_answer(string flows)
    {
        var options = new SoakOptions
        {
            Sidecar = Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll"),
            Flows = flows,
            Length = TimeSpan.FromSeconds(5),
            Connections = 24,
            BetweenPolicies = TimeSpan.FromMilliseconds(300),
            BetweenOutages = TimeSpan.FromSeconds(1),
            BetweenSamples = TimeSpan.FromSeconds(1),
        };
        var report = new StringWriter();
        var run = new SoakRun(options, report);

        var passed = await run.RunAsync();

        output.WriteLine(report.ToString());
        Assert.Equal([], run.Tally.Failures);
        Assert.True(passed);
        Assert.True(run.Tally["answered by an origin"] > 1000, report.ToString());
    }
}

/// <summary>Tests that load the machine run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
