namespace PolicyProxy.TestKit.Origins;

/// <summary>Every request an origin understood, in the order in which it reported them. Thread-safe.</summary>
internal sealed class OriginLog
{
    private readonly Lock _gate = new();
    private readonly List<OriginRequest> _requests = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Number of requests so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _requests.Count;
            }
        }
    }

    public void Add(OriginRequest request)
    {
        TaskCompletionSource added;
        lock (_gate)
        {
            _requests.Add(request);
            added = _added;
            _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        added.SetResult();
    }

    /// <summary>The requests from an index on.</summary>
    public IReadOnlyList<OriginRequest> From(int index)
    {
        lock (_gate)
        {
            return [.. _requests.Skip(index)];
        }
    }

    /// <summary>Completes when a request from <paramref name="index"/> on fits.</summary>
    /// <exception cref="TimeoutException">None came within the limit.</exception>
    public async Task WaitForAsync(int index, Func<OriginRequest, bool> fits, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        while (true)
        {
            Task added;
            lock (_gate)
            {
                if (_requests.Skip(index).Any(fits))
                {
                    return;
                }

                added = _added.Task;
            }

            try
            {
                await added.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"the origin reported no such request within {limit}");
            }
        }
    }
}
