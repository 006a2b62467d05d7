namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// The relay's end of a pair of local sockets behind whose other end TLS is spoken. A local socket knows no reset: what one would say goes this
/// way. Thread-safe.
/// </summary>
/// <param name="descriptor">The relay's socket; owned by whoever watches it.</param>
internal sealed class PlaintextEnd(int descriptor)
{
    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _wasCut;

    public int Descriptor { get; } = descriptor;

    /// <summary>True if the TLS peer went without saying that it had sent everything (RFC 8446 §6.1): the end that was read may be a cut.</summary>
    public bool WasCut => _wasCut;

    /// <summary>Completes when the relay has closed its socket; true if as broken.</summary>
    public Task<bool> Closed => _closed.Task;

    /// <summary>Called by the TLS side before the socket shows the end.</summary>
    public void Cut() => _wasCut = true;

    /// <summary>Called by the relay before it closes its socket.</summary>
    /// <param name="reset">True if the peer must not take what it has got for complete.</param>
    public void Close(bool reset) => _closed.TrySetResult(reset);
}
