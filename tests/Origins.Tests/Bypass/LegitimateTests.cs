using PolicyProxy.Flows;
using PolicyProxy.Origins.Tests.Bypass.Cases;
using PolicyProxy.TestKit.Origins;
using Xunit.Abstractions;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>Strict is not deaf: what real clients send comes through, with method, target, host, fields and body as they were.</summary>
public sealed class LegitimateTests(BypassFixture fixture, ITestOutputHelper output) : IClassFixture<BypassFixture>
{
    private const int MinCases = 60;

    [Fact]
    public async Task Request_of_a_real_client_comes_through_unchanged()
    {
        var problems = (await Task.WhenAll(fixture.Sidecars.Select(static sidecar => Task.Run(() => RunAsync(sidecar))))).SelectMany(static list => list).ToList();
        output.WriteLine($"{LegitimateCases.All.Count} cases before {fixture.Sidecars.Count} servers");

        Assert.InRange(LegitimateCases.All.Count, MinCases, int.MaxValue);
        Assert.True(problems.Count == 0, $"{problems.Count} problems\n{string.Join('\n', problems)}");
    }

    private static async Task<IReadOnlyList<string>> RunAsync(BypassSidecar sidecar)
    {
        var problems = new List<string>();
        foreach (var legitimate in LegitimateCases.All)
        {
            var start = sidecar.Flows.End;
            var exchange = await BypassClient.SendAsync(sidecar.Address, [legitimate.Bytes]);
            var isJudged = sidecar.JudgedFrom(start) is [{ Verdict: FlowVerdict.Forwarded }];
            var problem = !isJudged ? "denied"
                : exchange.Answers is not [var answer] ? "not answered once"
                : answer.Seen is not { } seen ? (answer.Status >= 400 && legitimate.RefusedBy.Contains(sidecar.Origin.Kind) ? null : "refused by the origin")
                : FindChange(sidecar.Origin.Kind, legitimate, seen);
            if (problem is not null)
            {
                problems.Add($"{sidecar.Origin.Kind}: {legitimate.Name}: {problem}: {exchange}");
            }
        }

        return problems;
    }

    private static string? FindChange(OriginKind kind, LegitimateCase sent, OriginRequest seen)
    {
        var content = System.Text.Encoding.Latin1.GetBytes(sent.Content);
        return seen.Method != sent.Method ? "another method"
            : !sent.Target.EndsWith(seen.Target, StringComparison.Ordinal) && !seen.Target.EndsWith(sent.Target[sent.Target.IndexOf("/legit", StringComparison.Ordinal)..], StringComparison.Ordinal) ? "another target"
            : seen.BodyBytes != content.Length || seen.BodyDigest != OriginRequest.Digest(content) ? "another body"
            : kind == OriginKind.Node && !HasAllFields(sent, seen) ? "other fields"
            : kind == OriginKind.Node && seen.Host != sent.Value("Host") ? "another host"
            : null;
    }

    // Node.js reports fields as they came. A wish for another protocol than WebSocket is taken out, with all that belongs to it.
    private static bool HasAllFields(LegitimateCase sent, OriginRequest seen) => sent.Fields
        .Select(static field => field.Split(':', 2))
        .Where(static field => field[0].ToLowerInvariant() is not ("connection" or "upgrade" or "http2-settings"))
        .All(field => seen.Fields.Length >= OriginRequest.MaxFieldBytes || seen.Values(field[0]).Contains(field[1].Trim(' ', '\t')));
}
