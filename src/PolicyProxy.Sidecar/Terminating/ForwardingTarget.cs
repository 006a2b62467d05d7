using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// Where requests are forwarded to, and the connections that are kept there: those of the sidecar's upstream serve all clients, those of a
/// redirected connection serve that connection alone and end with it. Thread-safe.
/// </summary>
internal sealed class ForwardingTarget : IDisposable
{
    /// <summary>The sidecar's upstream.</summary>
    public ForwardingTarget(SidecarOptions options, Uri upstream)
        : this(upstream, Transport(options), isInTheOpen: true)
    {
    }

    /// <summary>The original destination of a redirected connection.</summary>
    public ForwardingTarget(SidecarOptions options, UpstreamRoute route)
        : this(new Uri(route.Decrypted is { IsServerPlain: false } decrypted ? $"https://{decrypted.Server}:{route.Address.Port}" : $"http://{route.Address}"), Transport(options, route), route.Decrypted is null)
    {
    }

    private ForwardingTarget(Uri upstream, SocketsHttpHandler transport, bool isInTheOpen)
    {
        IsInTheOpen = isInTheOpen;
        Destination = upstream.GetLeftPart(UriPartial.Authority);
        Client = new HttpMessageInvoker(transport, disposeHandler: true);
        Transformer = new JudgedRequestTransformer(upstream);
    }

    /// <summary><c>http://host:port</c>, or <c>https:</c> if it is spoken to over TLS.</summary>
    public string Destination { get; }

    /// <summary>True if requests came in the open, and go on as they came.</summary>
    public bool IsInTheOpen { get; }

    /// <summary>Sends requests there.</summary>
    public HttpMessageInvoker Client { get; }

    /// <summary>Makes the requests.</summary>
    public JudgedRequestTransformer Transformer { get; }

    public void Dispose() => Client.Dispose();

    private static SocketsHttpHandler Transport(SidecarOptions options) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // tracing fields are the client's and the upstream's, not ours
        EnableMultipleHttp2Connections = true,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8, // as they were read
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ConnectTimeout = options.ConnectTimeout,
    };

    private static SocketsHttpHandler Transport(SidecarOptions options, UpstreamRoute route)
    {
        var transport = Transport(options);
        transport.ConnectCallback = route.Decrypted is { IsServerPlain: false } decrypted
            ? async (_, cancellationToken) => await decrypted.OpenAsync(cancellationToken).ConfigureAwait(false) // a TLS stream, which the transport takes as it is
            : (_, cancellationToken) => ConnectAsync(route, cancellationToken);
        return transport;
    }

    private static async ValueTask<Stream> ConnectAsync(UpstreamRoute route, CancellationToken cancellationToken)
    {
        var socket = new Socket(route.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (route.Prepare((int)socket.Handle) is > 0 and var error)
            {
                throw new IOException($"the client cannot be shown: {new Win32Exception(error).Message}");
            }

            await socket.ConnectAsync(route.Address, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
