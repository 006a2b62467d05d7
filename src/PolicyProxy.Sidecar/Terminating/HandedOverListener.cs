using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>Gives Kestrel connections that the relay accepted and judged. Thread-safe.</summary>
internal sealed class HandedOverListener(HttpDoor door) : IConnectionListener
{
    private readonly Channel<(Socket Socket, ConnectionPermit Permit)> _waiting = Channel.CreateUnbounded<(Socket, ConnectionPermit)>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly SocketConnectionContextFactory _factory = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);

    /// <summary>Stands for the place connections come from; nothing is bound.</summary>
    public static EndPoint Place { get; } = new RelayEndPoint();

    public EndPoint EndPoint => Place;

    /// <summary>Hands a connection over; it is closed if nobody accepts any more.</summary>
    public void Add(Socket socket, in ConnectionPermit permit)
    {
        if (!_waiting.Writer.TryWrite((socket, permit)))
        {
            socket.Dispose();
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_waiting.Reader.TryRead(out var next) && TryAdopt(next.Socket, next.Permit) is { } connection)
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

    private ConnectionContext? TryAdopt(Socket socket, in ConnectionPermit permit)
    {
        try
        {
            var connection = _factory.Create(socket);
            door.Adopt(connection, permit);
            return connection;
        }
        catch (SocketException) // gone in the meantime
        {
            socket.Dispose();
            return null;
        }
    }

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
