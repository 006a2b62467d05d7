using System.Net.Sockets;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>Gives Kestrel connections that the relay accepted and judged. Thread-safe.</summary>
internal sealed class HandedOverListener(HttpDoor door, KestrelRefusals refusals, SidecarOptions options) : IConnectionListener
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
            refusals.Add(connection, next.Permit);
            if (door.Gate.Hold(next.Permit) is { } hold)
            {
                connection.ConnectionClosed.Register(hold.Dispose);
            }

            if (next.Route is not null)
            {
                var target = new ForwardingTarget(options, next.Route);
                connection.Features.Set(target);
                connection.ConnectionClosed.Register(target.Dispose);
                if (next.Route.Decrypted is { } decrypted)
                {
                    var feature = new DecryptedFeature { ClientCertificate = decrypted.ClientCertificate };
                    connection.Features.Set<ITlsConnectionFeature>(feature);
                    connection.Features.Set<ITlsApplicationProtocolFeature>(feature);
                    connection.ConnectionClosed.Register(() => decrypted.Client.Close(reset: false));
                }
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

    // The server takes the scheme of its requests from it, and serves HTTP/2 over TLS only where it was agreed on: the preface was there.
    private sealed class DecryptedFeature : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
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
