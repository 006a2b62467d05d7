using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Queries of the workload that the kernel redirected: the slot they came in at says whom they were for.</summary>
internal sealed class DatagramSlot(int number, IRedirectedDatagrams datagrams) : IDnsOrigin
{
    private IPEndPoint? _peer;

    public DnsResolver? ResolverOf(DnsLoop loop) => (_peer ??= datagrams.PeerOf(number)) is { } peer ? loop.Resolver(peer) : null;

    public bool TryIdentify(ReadOnlySpan<byte> sender, out WorkloadProcess? process)
    {
        process = null;
        return DatagramSocket.EndPoint(sender) is { } address && datagrams.TryGetSender(address, out process);
    }
}
