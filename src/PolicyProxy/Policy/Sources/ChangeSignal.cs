using Microsoft.Extensions.Primitives;

namespace PolicyProxy.Policy.Sources;

/// <summary>A change token that is replaced each time it has fired. Thread-safe.</summary>
internal sealed class ChangeSignal : IDisposable
{
    private CancellationTokenSource _source = new();

    /// <summary>The token that fires at the next change.</summary>
    public IChangeToken Token => new CancellationChangeToken(Volatile.Read(ref _source).Token);

    /// <summary>Fires the current token. Callbacks run on the thread pool, so what they throw does not reach the caller.</summary>
    public void Fire()
    {
        var fired = Interlocked.Exchange(ref _source, new CancellationTokenSource());
        _ = fired.CancelAsync();
    }

    public void Dispose() => _source.Dispose();
}
