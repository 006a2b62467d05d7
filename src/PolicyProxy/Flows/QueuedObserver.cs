namespace PolicyProxy.Flows;

/// <summary>Puts a bounded queue and a background loop before an observer, so that its speed and its exceptions stay its own.</summary>
internal sealed class QueuedObserver : IInlineFlowObserver, IFlowConsumer, IAsyncDisposable
{
    private readonly IFlowObserver _observer;
    private readonly Action<IFlowObserver, Exception> _onError;
    private readonly FlowLog _queue;
    private readonly FlowPump _pump;

    public QueuedObserver(IFlowObserver observer, int capacity, Action<IFlowObserver, Exception> onError)
    {
        _observer = observer;
        _onError = onError;
        _queue = new FlowLog(capacity);
        _pump = new FlowPump(_queue, default, this);
    }

    /// <summary>Flows the observer was too slow for.</summary>
    public long LostFlows => _pump.LostFlows;

    public void OnFlow(FlowRecord flow) => _queue.Append(flow);

    public void Stop() => _pump.Stop();

    public ValueTask DisposeAsync() => _pump.DisposeAsync();

    ValueTask IFlowConsumer.OnFlowAsync(FlowRecord flow)
    {
        try
        {
            _observer.OnFlow(flow);
        }
        catch (Exception error) // whatever a foreign observer throws, the next flow is delivered
        {
            _onError(_observer, error);
        }

        return default;
    }

    ValueTask IFlowConsumer.OnLostAsync(long count) => default;

    ValueTask IFlowConsumer.OnIdleAsync() => default;
}
