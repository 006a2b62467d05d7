using PolicyProxy.Flows;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>
/// Runs cases one after the other through a sidecar. Behind each comes a request of another client: whatever the attacker left behind
/// on a connection to the origin would meet that one.
/// </summary>
internal sealed class BypassRun(BypassSidecar sidecar)
{
    private int _victims;

    /// <summary>Everything that went wrong with a case; empty = it is harmless.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(BypassCase attack)
    {
        var logStart = sidecar.Origin.Log.Count;
        var flowStart = sidecar.Flows.End;
        var exchange = await BypassClient.SendAsync(sidecar.Address, attack.Steps);
        var judged = sidecar.JudgedFrom(flowStart);
        List<string> problems = [.. await CheckVictimAsync()];

        var seen = sidecar.Origin.Log.From(logStart).Where(static request => !request.Target.StartsWith("/public/victim", StringComparison.Ordinal)).ToList();
        problems.AddRange(seen.Select(request => (request, Reason: BypassOracle.Find(request))).Where(static item => item.Reason is not null)
            .Select(static item => $"BYPASS: {item.request}: {item.Reason}"));
        problems.AddRange(CheckJudged(judged, seen));
        problems.AddRange(CheckAnswers(judged, exchange, seen));
        if (seen.Count > attack.Reach)
        {
            problems.Add($"{seen.Count} requests reached the origin, at most {attack.Reach} should: {string.Join(", ", seen)}");
        }

        return [.. problems.Select(problem => $"{sidecar.Origin.Kind}: {attack}\n    {problem}")];
    }

    private async Task<IReadOnlyList<string>> CheckVictimAsync()
    {
        var target = $"/public/victim?{++_victims}";
        var index = sidecar.Origin.Log.Count;
        var exchange = await BypassClient.SendAsync(sidecar.Address, [$"GET {target} HTTP/1.1\r\nHost: {BypassCase.Host}\r\nConnection: close\r\n\r\n"]);
        if (exchange.Answers is not [{ Status: 200, Seen: { } seen }] || seen.Target != target || seen.BodyBytes > 0 || seen.Values("x-team").Count > 0)
        {
            return [$"BYPASS: the next client got {exchange}"];
        }

        // Its report is the last: those of the requests before it are in the log by then.
        await sidecar.Origin.Log.WaitForAsync(index, request => request.Target == target, Origin.Patience);
        return [];
    }

    // Each request at the origin is one that was judged and allowed, in the same order.
    private static IEnumerable<string> CheckJudged(IReadOnlyList<FlowRecord> judged, IReadOnlyList<OriginRequest> seen)
    {
        var allowed = new Queue<HttpRecord>(judged.Where(static flow => flow.Verdict == FlowVerdict.Forwarded).Select(static flow => (HttpRecord)flow.L7!));
        foreach (var request in seen)
        {
            while (allowed.TryPeek(out var next) && !IsSame(next, request))
            {
                allowed.Dequeue();
            }

            if (!allowed.TryDequeue(out _))
            {
                yield return $"BYPASS: {request} was not judged so";
            }
        }
    }

    private static bool IsSame(HttpRecord judged, OriginRequest seen)
    {
        var path = seen.Target.StartsWith('/') ? seen.Target : seen.Target[Math.Max(seen.Target.IndexOf('/', seen.Target.IndexOf("://", StringComparison.Ordinal) + 3), 0)..];
        return judged.Method == seen.Method && judged.Url.EndsWith(path, StringComparison.Ordinal);
    }

    // No answer of the origin without a request of this client that was allowed, none twice, none of another client.
    private static IEnumerable<string> CheckAnswers(IReadOnlyList<FlowRecord> judged, OriginExchange exchange, IReadOnlyList<OriginRequest> seen)
    {
        if (!exchange.IsClosed)
        {
            yield return $"neither answered nor closed: {exchange}";
        }

        var answered = exchange.Answers.Where(static answer => answer.Seen is not null).Select(static answer => answer.Seen!.ToSeen()).ToList();
        var reached = seen.Select(static request => request.ToSeen()).ToList();
        if (answered.Count > judged.Count(static flow => flow.Verdict == FlowVerdict.Forwarded) || answered.Any(answer => !reached.Contains(answer)))
        {
            yield return $"BYPASS: responses without a request: {exchange}";
        }
    }
}
