using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>Gives Kestrel connections that the relay accepted and judged. Thread-safe.</summary>
internal sealed class HandedOverListener(HttpDoor door, SidecarOptions options) : IConnectionListener
{
    private readonly Channel<HandedOver> _waiting = Channel.CreateUnbounded<HandedOver>(new UnboundedChannelOptions { SingleReader = true });

    private readonly SocketConnectionContextFactory _factory = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);

    /// <summary>Stands for the place connections come from; nothing is bound.</summary>
    public static EndPoint Place { get; } = new RelayEndPoint();

    public EndPoint EndPoint => Place;

    /// <summary>Hands a connection over; it is closed if nobody accepts any more.</summary>
    /// <param name="socket">The connected socket; no byte was read.</param>
    /// <param name="permit">The verdict on it.</param>
    /// <param name="route">Where it goes on; null = to the sidecar's upstream.</param>
    public void Add(Socket socket, in ConnectionPermit permit, UpstreamRoute? route)
    {
        if (!_waiting.Writer.TryWrite(new HandedOver(socket, permit, route)))
        {
            socket.Dispose();
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_waiting.Reader.TryRead(out var next) && TryAdopt(next) is { } connection)
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _waiting.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out var left))
        {
            left.Socket.Dispose();
        }

        _factory.Dispose();
        return default;
    }

    private ConnectionContext? TryAdopt(in HandedOver next)
    {
        try
        {
            var connection = _factory.Create(next.Socket);
            door.Adopt(connection, next.Permit);
            if (door.Gate.Hold(next.Permit) is { } hold)
            {
                connection.ConnectionClosed.Register(hold.Dispose);
            }

            if (next.Route is not null)
            {
                var target = new ForwardingTarget(options, next.Route);
                connection.Features.Set(target);
                connection.ConnectionClosed.Register(target.Dispose);
            }

            return connection;
        }
        catch (SocketException) // gone in the meantime
        {
            next.Socket.Dispose();
            return null;
        }
    }

    private readonly record struct HandedOver(Socket Socket, ConnectionPermit Permit, UpstreamRoute? Route);

    private sealed class RelayEndPoint : EndPoint
    {
        public override string ToString() => "the relay's connections";
    }
}

/// <summary>Makes Kestrel take its connections from a <see cref="HandedOverListener"/>.</summary>
internal sealed class HandedOverListenerFactory(HandedOverListener listener) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint == HandedOverListener.Place;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(listener);
}
