using System.Net;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>What can be asked of whoever redirects datagrams to slots. Thread-safe; never blocks.</summary>
internal interface IRedirectedDatagrams
{
    /// <summary>The peer a slot stands for; null = none yet. Once given it stays the same.</summary>
    IPEndPoint? PeerOf(int slot);

    /// <summary>False for a sender that is not the workload: its datagrams were not redirected, but sent to the slot itself.</summary>
    bool TryGetSender(IPEndPoint sender, out WorkloadProcess? process);
}

/// <summary>Asks the shim, once there is one; until then nothing was redirected.</summary>
internal sealed class KernelRedirectedDatagrams : IRedirectedDatagrams
{
    private volatile Shim? _shim;

    /// <summary>Takes effect at once.</summary>
    public void Ask(Shim shim) => _shim = shim;

    public IPEndPoint? PeerOf(int slot) => _shim?.PeerOf(slot);

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
