namespace PolicyProxy.Soak.Disturbance;

/// <summary>Waiting that ends early without an exception.</summary>
internal static class Pauses
{
    /// <summary>False if the wait was ended by the token.</summary>
    public static async Task<bool> WaitAsync(TimeSpan time, CancellationToken stop)
    {
        await Task.Delay(time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }
}
