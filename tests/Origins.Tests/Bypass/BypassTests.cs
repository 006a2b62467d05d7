using PolicyProxy.Origins.Tests.Bypass.Cases;
using Xunit.Abstractions;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>
/// Each known way around an HTTP/1.1 policy, through the real sidecar, before each real server: nothing arrives that the policy forbids,
/// nothing that was not judged, and no answer goes to the wrong client.
/// </summary>
public sealed class BypassTests(BypassFixture fixture, ITestOutputHelper output) : IClassFixture<BypassFixture>
{
    private const int MinCases = 600;
    private const int MaxShown = 40;

    public static TheoryData<string> Classes { get; } = [.. BypassCases.Classes.Keys];

    [Theory]
    [MemberData(nameof(Classes))]
    public async Task Attack_reaches_no_origin(string name)
    {
        var cases = BypassCases.Classes[name];
        var problems = (await Task.WhenAll(fixture.Sidecars.Select(sidecar => Task.Run(() => RunAsync(sidecar, cases))))).SelectMany(static list => list).ToList();
        output.WriteLine($"{name}: {cases.Count} cases before {fixture.Sidecars.Count} servers");

        Assert.True(problems.Count == 0, $"{problems.Count} problems\n{string.Join('\n', problems.Take(MaxShown))}");
    }

    [Fact]
    public void Cases_are_many_and_each_advisory_is_among_them()
    {
        var cases = BypassCases.Classes.Values.SelectMany(static list => list).ToList();
        output.WriteLine($"{cases.Count} cases in {BypassCases.Classes.Count} classes, {BypassCases.Advisories.Count} advisories");

        Assert.InRange(cases.Count, MinCases, int.MaxValue);
        Assert.Equal([], BypassCases.Classes.SelectMany(static pair => pair.Value.GroupBy(attack => (pair.Key, attack.Name)).Where(static group => group.Count() > 1).Select(static group => group.Key)));
        Assert.Equal([], BypassCases.Advisories.Except(cases.Select(static attack => attack.Advisory)));
        Assert.Equal([], cases.Select(static attack => attack.Advisory).Where(static id => id.Length > 0).Except(BypassCases.Advisories));
    }

    private static async Task<IReadOnlyList<string>> RunAsync(BypassSidecar sidecar, IReadOnlyList<BypassCase> cases)
    {
        var run = new BypassRun(sidecar);
        var problems = new List<string>();
        foreach (var attack in cases)
        {
            problems.AddRange(await run.RunAsync(attack));
        }

        return problems;
    }
}
