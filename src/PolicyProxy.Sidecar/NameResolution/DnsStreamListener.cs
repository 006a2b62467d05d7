using System.Net;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>A listening socket for clients that ask over TCP because they were told to.</summary>
internal sealed class DnsStreamListener(DnsLoop loop, int descriptor, IDnsOrigin origin) : LoopSocket(loop.Events, descriptor)
{
    private const int MaxAtOnce = 64;

    /// <summary>Accepts no more.</summary>
    public void Stop() => Release();

    public override void OnReady()
    {
        for (var taken = 0; taken < MaxAtOnce; taken++)
        {
            var descriptor = StreamSocket.Accept(Descriptor, out var peer);
            if (descriptor < 0)
            {
                if (descriptor != -Libc.EAGAIN)
                {
                    Loop.ScheduleAtTick(this);
                }

                return;
            }

            if (origin.ResolverOf(loop) is { } resolver)
            {
                Serve(descriptor, peer, resolver.Address);
            }
            else
            {
                StreamSocket.Close(descriptor, reset: true);
            }
        }

        Loop.Schedule(this);
    }

    public override void OnTimeout() => throw new InvalidOperationException("a listener has no timeout");

    public override void OnFault() => Loop.ScheduleAtTick(this);

    private void Serve(int descriptor, IPEndPoint? peer, IPEndPoint resolver)
    {
        StreamSocket.Prepare(descriptor);
        loop.Serve(descriptor, loop.Door.Permit(resolver, TransportProtocol.Tcp, peer), resolver);
    }
}
