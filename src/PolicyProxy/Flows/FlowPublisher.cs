using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PolicyProxy.Flows;

/// <summary>
/// Where the gate leaves its flows; hands each to every observer and never waits for one. Thread-safe. With no observer the gate sees
/// <see cref="HasObservers"/> false and makes no flow: 0 bytes per request.
/// </summary>
public sealed class FlowPublisher : IAsyncDisposable
{
    /// <summary>Flows queued for each slow observer: 1,024; older ones are overwritten and counted as lost.</summary>
    public const int QueueCapacity = 1024;

    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger;
    private readonly Lock _writing = new();
    private Registration[] _registrations = [];
    private bool _wantsForwarded;
    private long _errors;
    private long _lostByRemoved;

    /// <summary>Creates a publisher without observers. The logger hears of observers that throw.</summary>
    public FlowPublisher(ILogger<FlowPublisher>? logger = null) => _logger = logger ?? NullLogger<FlowPublisher>.Instance;

    /// <summary>False if a flow would reach nobody, so that it need not be made.</summary>
    public bool HasObservers => Volatile.Read(ref _registrations).Length > 0;

    /// <summary>False if a flow of forwarded traffic would reach nobody: observers that only care for denials and failures do not count.</summary>
    public bool WantsForwarded => Volatile.Read(ref _wantsForwarded);

    /// <summary>Exceptions thrown by observers.</summary>
    public long ObserverErrors => Volatile.Read(ref _errors);

    /// <summary>Flows that slow observers did not get.</summary>
    public long LostFlows
    {
        get
        {
            lock (_writing)
            {
                return _lostByRemoved + _registrations.Sum(static r => r.Queue?.LostFlows ?? 0);
            }
        }
    }

    /// <summary>Hands the flow to every observer; never blocks, never throws.</summary>
    public void Publish(FlowRecord flow)
    {
        foreach (var registration in Volatile.Read(ref _registrations))
        {
            try
            {
                registration.Sink.OnFlow(flow);
            }
            catch (Exception error) // the data path outlives any observer
            {
                OnError(registration.Observer, error);
            }
        }
    }

    /// <summary>Adds an observer: it sees flows published from now on. False if it is there already.</summary>
    public bool Add(IFlowObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        lock (_writing)
        {
            if (Array.Exists(_registrations, r => ReferenceEquals(r.Observer, observer)))
            {
                return false;
            }

            var queue = observer is IInlineFlowObserver ? null : new QueuedObserver(observer, QueueCapacity, OnError);
            Register([.. _registrations, new Registration(observer, queue ?? observer, queue)]);
            return true;
        }
    }

    /// <summary>Removes an observer; what is queued for it is still delivered. False if it was not there.</summary>
    public bool Remove(IFlowObserver observer)
    {
        lock (_writing)
        {
            var found = Array.Find(_registrations, r => ReferenceEquals(r.Observer, observer));
            if (found is null)
            {
                return false;
            }

            Register(Array.FindAll(_registrations, r => r != found));
            found.Queue?.Stop();
            _lostByRemoved += found.Queue?.LostFlows ?? 0;
            return true;
        }
    }

    /// <summary>Removes every observer and gives those with a queue up to five seconds to take what is in it.</summary>
    public async ValueTask DisposeAsync()
    {
        Registration[] last;
        lock (_writing)
        {
            last = _registrations;
            Register([]);
            _lostByRemoved += last.Sum(static r => r.Queue?.LostFlows ?? 0);
        }

        var drained = Task.WhenAll(last.Select(static r => r.Queue?.DisposeAsync().AsTask() ?? Task.CompletedTask));
        await drained.WaitAsync(s_drainLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a stuck observer must not hold up the shutdown
    }

    private void Register(Registration[] registrations)
    {
        Volatile.Write(ref _registrations, registrations);
        Volatile.Write(ref _wantsForwarded, Array.Exists(registrations, static r => r.Observer is not IProblemFlowObserver));
    }

    private void OnError(IFlowObserver observer, Exception error)
    {
        var errors = Interlocked.Increment(ref _errors);
        if (!long.IsPow2(errors))
        {
            return; // an observer that fails for every flow must not flood the log
        }

        try
        {
            Log.ObserverFailed(_logger, observer.GetType().Name, errors, error);
        }
        catch (Exception) // a logger may throw as well; the count above is all that is left to keep
        {
        }
    }

    private sealed record Registration(IFlowObserver Observer, IFlowObserver Sink, QueuedObserver? Queue);
}
