using System.Net;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>What can be asked of whoever redirects datagrams to slots. Thread-safe; never blocks.</summary>
internal interface IRedirectedDatagrams
{
    /// <summary>True if slots may be taken back here: another process may do so otherwise.</summary>
    bool MayRecycle { get; }

    /// <summary>The peer a slot stands for; null = none. It stays the same until <see cref="Free"/>.</summary>
    IPEndPoint? PeerOf(int slot);

    /// <summary>Has a peer's next askers get another slot; those who have this one keep it.</summary>
    void Withdraw(int slot, IPEndPoint peer);

    /// <summary>Lets a withdrawn slot stand for another peer. False if that failed: try again.</summary>
    bool Free(int slot);

    /// <summary>False for a sender that is not the workload: its datagrams were not redirected, but sent to the slot itself.</summary>
    bool TryGetSender(IPEndPoint sender, out WorkloadProcess? process);
}

/// <summary>Asks the shim, once there is one; until then nothing was redirected.</summary>
internal sealed class KernelRedirectedDatagrams : IRedirectedDatagrams
{
    private volatile Shim? _shim;

    /// <summary>Takes effect at once.</summary>
    public void Ask(Shim shim) => _shim = shim;

    public bool MayRecycle => _shim is { IsOwn: true };

    public IPEndPoint? PeerOf(int slot) => _shim?.PeerOf(slot);

    public void Withdraw(int slot, IPEndPoint peer) => _shim!.Withdraw(slot, peer);

    public bool Free(int slot)
    {
        try
        {
            _shim!.Free(slot);
            return true;
        }
        catch (ShimException)
        {
            return false;
        }
    }

    public bool TryGetSender(IPEndPoint sender, out WorkloadProcess? process)
    {
        process = null;
        if (_shim is not { } shim || !shim.TryGetSender(sender, out var known))
        {
            return false;
        }

        process = known;
        return true;
    }
}
