using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Queries of the workload that the kernel redirected: the slot they came in at says whom they were for.</summary>
internal sealed class DatagramSlot(int number, IRedirectedDatagrams datagrams) : IDnsOrigin
{
    private IPEndPoint? _peer;
    private long _now;

    public int Number => number;

    /// <summary>When the workload last asked here, in milliseconds of the loop's clock.</summary>
    public long AskedAt { get; set; }

    /// <summary>When the slot was withdrawn from its peer; null = it is not.</summary>
    public long? WithdrawnAt { get; set; }

    public DnsResolver? ResolverOf(DnsLoop loop)
    {
        _now = loop.Events.Now;
        return (_peer ??= datagrams.PeerOf(number)) is { } peer ? loop.Resolver(peer) : null;
    }

    public bool TryIdentify(ReadOnlySpan<byte> sender, out WorkloadProcess? process)
    {
        process = null;
        if (DatagramSocket.EndPoint(sender) is not { } address || !datagrams.TryGetSender(address, out process))
        {
            return false;
        }

        AskedAt = _now;
        return true;
    }

    /// <summary>The slot may stand for another peer from now on.</summary>
    public void Forget() => (_peer, WithdrawnAt) = (null, null);
}
