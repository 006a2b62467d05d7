using PolicyProxy.Flows;

namespace PolicyProxy.TestKit.Flows;

/// <summary>What a log holds, for assertions.</summary>
internal static class FlowLogReading
{
    /// <summary>Every flow that is there now.</summary>
    public static List<FlowRecord> All(this FlowLog log)
    {
        var flows = new List<FlowRecord>();
        _ = log.Read(log.Start, int.MaxValue, flows, out _);
        return flows;
    }
}
