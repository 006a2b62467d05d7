using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.FunctionalTests.Doors.Differential;

/// <summary>The verdict records of one door, in the order of the requests: everything but the time, the ends of the connection and the HTTP version.</summary>
internal sealed class VerdictLog(FlowLog flows)
{
    private FlowCursor _read = flows.Start;

    /// <summary>Records of the requests since the last call.</summary>
    public IReadOnlyList<string> Next()
    {
        var records = new List<FlowRecord>();
        _read = flows.Read(_read, int.MaxValue, records, out var lost);
        Assert.Equal(0, lost);
        return [.. records.Where(static flow => flow is { Type: FlowType.L7, IsReply: false }).Select(Text)];
    }

    private static string Text(FlowRecord flow)
    {
        var http = Assert.IsType<HttpRecord>(flow.L7);
        return $"{http.Method} {http.Url}: {flow.Verdict} {flow.Reason} by {Rule(flow.Rule)}, nearest {Rule(flow.Nearest?.Rule)} {flow.Nearest?.Missed} {flow.Note}";
    }

    // Doors to a workload judge ingress, doors out of one egress.
    private static string Rule(RuleOrigin? rule) =>
        rule is null ? "none" : $"{rule.Kind}/{rule.Policy} {rule.RulePath.Replace("egress", "ingress", StringComparison.Ordinal)}:{rule.Line}";
}
