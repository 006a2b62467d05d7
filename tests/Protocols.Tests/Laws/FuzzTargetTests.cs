using PolicyProxy.Fuzz;
using PolicyProxy.Fuzz.Laws;
using Xunit.Abstractions;

namespace PolicyProxy.Protocols.Tests.Laws;

/// <summary>Runs every fuzz target without a fuzzer, so that its laws hold and its corpus stays useful.</summary>
public class FuzzTargetTests(ITestOutputHelper output)
{
    private const int Seed = 9112;

    /// <summary>Targets and how many mutants of them.</summary>
    public static TheoryData<string, int> Targets { get; } = new()
    {
        { "http1-request", 200_000 },
        { "http1-response", 50_000 },
        { "http1-body", 100_000 },
        { "http1-stream", 50_000 },
        { "http1-edit", 50_000 },
        { "url-path", 100_000 },
        { "kafka-request", 20_000 },
        { "kafka-stream", 20_000 },
        { "kafka-denial", 20_000 },
        { "kafka-response", 20_000 },
        { "dns-name", 20_000 },
        { "dns-message", 100_000 },
        { "tls-hello", 50_000 },
    };

    [Fact]
    public void Fuzz_targets_are_all_run_here() =>
        Assert.Equal(FuzzTargets.All.Select(target => target.Name), Targets.Select(row => (string)((object?[])row)[0]!));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Fuzz_target_laws_hold_for_seeds_and_mutants(string name, int mutants)
    {
        var target = FuzzTargets.Find(name)!;
        var accepted = target.Seeds.Count(seed => Run(target, seed, "a seed") == FuzzOutcome.Accepted);
        Assert.True(accepted > target.Seeds.Count / 2, $"{accepted} of {target.Seeds.Count} seeds accepted");

        var mutator = new Mutator(target, Seed);
        accepted = 0;
        for (var round = 0; round < mutants; round++)
        {
            accepted += Run(target, mutator.Next(), $"seed {Seed}, round {round}") == FuzzOutcome.Accepted ? 1 : 0;
        }

        output.WriteLine($"{accepted} of {mutants} mutants accepted");
        Assert.InRange(accepted, mutants / 100, mutants * 95 / 100);
    }

    private static FuzzOutcome Run(FuzzTarget target, byte[] input, string source)
    {
        try
        {
            return target.Run(input);
        }
        catch (Exception error)
        {
            // with the input, or nobody can repeat it
            throw new LawBrokenException($"{source}: {Convert.ToHexString(input)}: {error}");
        }
    }
}
