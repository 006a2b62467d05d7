namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Tells a script, or a test, that the other one has come so far. Thread-safe; the first value stays.</summary>
internal sealed class Signal<T>
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the signal is set; fails after a minute.</summary>
    public Task<T> Task => _source.Task.WaitAsync(TimeSpan.FromMinutes(1));

    public bool IsSet => _source.Task.IsCompleted;

    public void Set(T value) => _source.TrySetResult(value);
}

/// <summary>A <see cref="Signal{T}"/> that says nothing but that it is set.</summary>
internal sealed class Signal
{
    private readonly Signal<bool> _signal = new();

    public Task Task => _signal.Task;

    public bool IsSet => _signal.IsSet;

    public void Set() => _signal.Set(true);
}
