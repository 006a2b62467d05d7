using System.Collections.Concurrent;
using PolicyProxy.Flows;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>
/// Keeps the flows of a few requests. Inline: a flow is there before the answer it belongs to is sent. Thread-safe, unbounded: for
/// verbs that send a known number of requests.
/// </summary>
internal sealed class FlowCapture : IInlineFlowObserver
{
    private readonly ConcurrentQueue<FlowRecord> _flows = new();

    /// <summary>Takes the flows from now on instead of keeping them; null = keep them.</summary>
    public Action<FlowRecord>? Divert { get; set; }

    public void OnFlow(FlowRecord flow)
    {
        if (Divert is { } divert)
        {
            divert(flow);
            return;
        }

        _flows.Enqueue(flow);
    }

    /// <summary>Everything since the last call, in order.</summary>
    public IReadOnlyList<FlowRecord> Take()
    {
        var taken = new List<FlowRecord>();
        while (_flows.TryDequeue(out var flow))
        {
            taken.Add(flow);
        }

        return taken;
    }
}
