using System.Globalization;
using PolicyProxy.Origins.Tests.Bypass.Cases;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>The page about requests that are refused in spite of good intentions says what the sidecar does, and leaves none out.</summary>
public sealed class StrictnessTests
{
    private const string Page = "docs/explanation/http-strictness.md";

    [Fact]
    public async Task Refusal_has_the_status_the_page_gives()
    {
        await using var sidecar = await BypassSidecar.StartAsync(OriginKind.Kestrel);
        var problems = new List<string>();
        foreach (var strict in StrictnessCases.All)
        {
            var exchange = await BypassClient.SendAsync(sidecar.Address, [strict.Bytes]);
            if (exchange.Answers is not [{ Seen: null } answer] || answer.Status != strict.Status)
            {
                problems.Add($"{strict.Shape}: {exchange}, not {strict.Status}");
            }
        }

        await sidecar.Origin.SettleAsync();
        Assert.Equal([], problems);
        Assert.All(sidecar.Origin.Log.From(0), static request => Assert.True(Origin.IsBarrier(request), request.ToString()));
    }

    [Fact]
    public void Page_lists_exactly_the_refusals_that_are_tested()
    {
        var rows = File.ReadLines(Path.Combine(Root(), Page))
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(static line => line.Split(" | "))
            .Where(static cells => cells.Length == 3 && int.TryParse(cells[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .ToList();

        Assert.Equal(
            StrictnessCases.All.Select(static strict => (strict.Shape, $"{strict.Status}")).Order(),
            rows.Select(static cells => (cells[0]["| ".Length..], cells[1])).Order());
        Assert.All(rows, static cells => Assert.True(cells[2].Length > 10, $"{cells[0]} has no reason"));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PolicyProxy.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
