using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>One of the two endpoints Kestrel sees behind an <see cref="HttpPort"/>.</summary>
internal sealed class HttpPortEndPoint(HttpPort port, HttpProtocols protocol) : EndPoint
{
    public HttpPort Port { get; } = port;

    public HttpProtocols Protocol { get; } = protocol;

    public override string ToString() => Port.Address.ToString();
}

/// <summary>Gives Kestrel the connections of an <see cref="HttpPort"/>; every other endpoint is left to the transports it knows.</summary>
internal sealed class HttpPortListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is HttpPortEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var half = (HttpPortEndPoint)endpoint;
        await half.Port.BindAsync(cancellationToken).ConfigureAwait(false);
        return half.Port.Listener(half);
    }
}
