using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>The connections of one protocol that an <see cref="HttpPort"/> sorted out.</summary>
internal sealed class HttpPortListener(HttpPort port, HttpPortEndPoint endPoint) : IConnectionListener
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>(
        new UnboundedChannelOptions { SingleReader = true });

    public EndPoint EndPoint { get; } = endPoint;

    /// <summary>Hands a connection over; false once the listener has been unbound.</summary>
    public bool TryAdd(ConnectionContext connection) => _connections.Writer.TryWrite(connection);

    /// <summary>No connection comes after those already handed over.</summary>
    public void Close() => _connections.Writer.TryComplete();

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _connections.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_connections.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) =>
        await port.UnbindAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync() => await port.DisposeAsync().ConfigureAwait(false);
}
