using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Gate;

/// <summary>
/// Publishes a source's policies whenever they change, until disposed. Not ChangeToken.OnChange: that takes a registration back when it sees that its
/// token has just fired, and may take back the very callback that was about to run, so that a change is lost. Thread-safe.
/// </summary>
internal sealed class PolicyWatch : IDisposable
{
    private readonly PolicyEngine _engine;
    private readonly IPolicySource _source;
    private readonly Lock _lock = new();
    private IDisposable? _registration;
    private long _registered;
    private long _fired;
    private volatile bool _isOver;

    /// <summary>Publishes what there is, and begins to follow.</summary>
    public PolicyWatch(PolicyEngine engine, IPolicySource source, out PolicyCompilation first)
    {
        _engine = engine;
        _source = source;

        // The token must belong to the input that is published, or a change between the two would be missed.
        var input = source.GetPolicies();
        first = engine.Publish(input);
        Await(input);
    }

    /// <summary>Publishes nothing more. A publication that is under way ends first.</summary>
    public void Dispose()
    {
        IDisposable? last;
        lock (_lock)
        {
            _isOver = true;
            last = _registration;
        }

        // Taking a registration back waits for its callback, which needs the lock.
        last?.Dispose();
    }

    private void OnChanged()
    {
        if (_isOver)
        {
            return;
        }

        Interlocked.Increment(ref _fired);
        var input = _source.GetPolicies();
        _ = _engine.Publish(input);
        Await(input);
    }

    // A token that has fired already calls back at once, here; one that fires calls back once, whoever looks at it meanwhile.
    private void Await(PolicyInput input)
    {
        var number = Interlocked.Increment(ref _registered);
        var registration = input.ChangeToken.RegisterChangeCallback(static watch => ((PolicyWatch)watch!).OnChanged(), this);
        lock (_lock)
        {
            if (!_isOver)
            {
                if (number > Interlocked.Read(ref _fired))
                {
                    _registration = registration;
                }

                return;
            }
        }

        registration.Dispose();
    }
}
