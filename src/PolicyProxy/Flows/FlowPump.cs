namespace PolicyProxy.Flows;

/// <summary>What a <see cref="FlowPump"/> feeds: one call at a time. Must not throw.</summary>
internal interface IFlowConsumer
{
    /// <summary>Takes the next flow.</summary>
    ValueTask OnFlowAsync(FlowRecord flow);

    /// <summary>Told before the next flow that <paramref name="count"/> flows were overwritten unread.</summary>
    ValueTask OnLostAsync(long count);

    /// <summary>Told when nothing more is there: the moment to flush.</summary>
    ValueTask OnIdleAsync();
}

/// <summary>Carries flows from a log to one consumer on the thread pool. Stopping delivers what was appended before the stop.</summary>
internal sealed class FlowPump : IAsyncDisposable
{
    private readonly FlowLog _log;
    private readonly IFlowConsumer _consumer;
    private readonly Lock _reading = new(); // between the pump and who asks for the count; writers of the log never take it
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;
    private long _stopAt = long.MaxValue;
    private FlowCursor _cursor;
    private long _lost;

    public FlowPump(FlowLog log, FlowCursor from, IFlowConsumer consumer)
    {
        _log = log;
        _cursor = from;
        _consumer = consumer;
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Flows overwritten before the consumer could take them; exact, also while the consumer is stuck in a call.</summary>
    public long LostFlows
    {
        get
        {
            lock (_reading)
            {
                return _lost + Math.Max(0, _log.SeenFlows - _log.Capacity - _cursor.Position);
            }
        }
    }

    /// <summary>Asks the pump to end after the flows that are there now; does not wait.</summary>
    public void Stop()
    {
        Interlocked.CompareExchange(ref _stopAt, _log.SeenFlows, long.MaxValue);
        _stopping.Cancel();
    }

    /// <summary>Stops and waits until the consumer has taken what was there.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _run.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (_cursor.Position < Volatile.Read(ref _stopAt))
        {
            var flow = TryRead(out var lost);
            if (lost > 0)
            {
                await _consumer.OnLostAsync(lost).ConfigureAwait(false);
            }

            if (flow is not null)
            {
                await _consumer.OnFlowAsync(flow).ConfigureAwait(false);
                continue;
            }

            await _consumer.OnIdleAsync().ConfigureAwait(false);
            await _log.WaitAsync(_cursor, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        }

        await _consumer.OnIdleAsync().ConfigureAwait(false);
    }

    private FlowRecord? TryRead(out long lost)
    {
        lock (_reading)
        {
            _log.TryRead(ref _cursor, out var flow, out lost);
            _lost += lost;
            return flow;
        }
    }
}
