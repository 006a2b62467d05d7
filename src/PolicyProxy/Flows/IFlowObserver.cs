namespace PolicyProxy.Flows;

/// <summary>
/// Sees every verdict, in order, one call at a time, on a thread of its own. May be slow: flows that do not fit its queue are
/// lost and counted, the data path does not wait. An exception is counted and the next flow is delivered.
/// </summary>
public interface IFlowObserver
{
    /// <summary>Receives one flow.</summary>
    void OnFlow(FlowRecord flow);
}

/// <summary>
/// An observer of ours that is called on the data path itself, by many threads at once: it must not block, wait or take a contended lock.
/// </summary>
internal interface IInlineFlowObserver : IFlowObserver;

/// <summary>An observer of ours that ignores what is simply forwarded: for it alone no flow of allowed traffic has to be made.</summary>
internal interface IProblemFlowObserver : IFlowObserver;
