using System.Net;
using System.Net.Sockets;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// Takes over a <see cref="SocketsHttpHandler"/>: it connects only to checked addresses, and what would let a request past the door is switched
/// off or refused: its own redirects, proxies of settings and environment variables, HTTP/3, which has no connect callback.
/// </summary>
internal static class ClientTransport
{
    /// <summary>Changes the handler; before its first request only.</summary>
    /// <exception cref="InvalidOperationException">It has a setting that cannot be kept.</exception>
    public static void TakeOver(SocketsHttpHandler transport, ClientRoutes routes, out Redirection redirection, out RequestCookies? cookies)
    {
        if (transport.ConnectCallback is not null)
        {
            throw new InvalidOperationException("PolicyProxyHandler makes the connections itself: leave SocketsHttpHandler.ConnectCallback unset.");
        }

        if (transport.Proxy is not null)
        {
            throw new InvalidOperationException(
                "A proxy would resolve names and connect in place of PolicyProxyHandler: leave SocketsHttpHandler.Proxy unset, or enforce policy at the proxy.");
        }

        if (transport is { AllowAutoRedirect: true, Credentials: not (null or CredentialCache) })
        {
            throw new InvalidOperationException(
                "A redirect would send SocketsHttpHandler.Credentials to another server: use a CredentialCache, or set AllowAutoRedirect to false.");
        }

        redirection = new Redirection(transport.AllowAutoRedirect ? transport.MaxAutomaticRedirections : 0);
        cookies = transport.UseCookies ? new RequestCookies(transport.CookieContainer) : null;
        transport.AllowAutoRedirect = false;
        transport.UseCookies = false;
        transport.UseProxy = false;
        transport.ConnectCallback = (context, cancellationToken) => ConnectAsync(routes, context.DnsEndPoint, cancellationToken);
    }

    /// <summary>Keeps a request from HTTP/3, with the least change of what it asks for.</summary>
    /// <exception cref="NotSupportedException">It can be sent in no other way.</exception>
    public static void AvoidHttp3(HttpRequestMessage request)
    {
        var isTooNew = request.Version.Major >= 3;
        if (isTooNew && request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower)
        {
            throw new NotSupportedException("PolicyProxyHandler sends no HTTP/3: use RequestVersionOrLower.");
        }

        if (isTooNew)
        {
            request.Version = HttpVersion.Version20;
        }
        else if (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher)
        {
            // With higher versions allowed a server's Alt-Svc field could move the request to HTTP/3.
            request.VersionPolicy = request.Version.Major == 2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower;
            request.Version = HttpVersion.Version20;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(ClientRoutes routes, DnsEndPoint target, CancellationToken cancellationToken)
    {
        // 1. The addresses, judged now: the request that asks for the connection may have waited.
        var (door, route) = (routes.Door, routes.Of(new RouteKey(target.Host, (ushort)target.Port)));
        await route.RefreshAsync(cancellationToken).ConfigureAwait(false);
        Verdict denial = default;
        SocketException? failure = null;
        foreach (var admission in route.Candidates())
        {
            var verdict = door.Connect(admission, out var permit);
            if (!verdict.Allowed)
            {
                denial = verdict;
                continue;
            }

            // 2. One after the other, as the transport does by itself.
            var address = permit.Tuple.Destination!;
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
                var connection = new RouteConnection(socket, address.Address, route, door.Gate.Hold(permit));
                route.Add(connection);
                return connection;
            }
            catch (SocketException error)
            {
                socket.Dispose();
                failure = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? (Exception)PolicyProxyDeniedException.Create($"{target.Host}:{target.Port}", denial);
    }
}
