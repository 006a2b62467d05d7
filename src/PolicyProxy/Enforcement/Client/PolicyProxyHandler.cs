using System.Globalization;
using System.Net;
using System.Net.Mime;
using System.Text;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// Enforces the egress policies of one subject on the requests of an <see cref="HttpClient"/>. Names are resolved here and taught to
/// <c>toFQDNs</c>, connections go to checked addresses only, and every request and every redirect is judged by method, path, host and header
/// fields. Thread-safe.
/// </summary>
/// <remarks>
/// <para>Addresses are judged again only when policies, learned names or connections have changed.</para>
/// <para>Synchronous sending is not supported, and neither are proxies and HTTP/3, which connect by other means.</para>
/// </remarks>
public sealed class PolicyProxyHandler : DelegatingHandler
{
    private const string ReasonField = "x-policyproxy-denied";

    private readonly ClientDoor _door;
    private readonly ClientRoutes _routes;
    private readonly Redirection _redirection;
    private readonly RequestCookies? _cookies;
    private readonly bool _throws;
    private readonly byte[] _deniedBody;

    /// <summary>Creates a handler for use without dependency injection.</summary>
    /// <param name="gate">The gate that judges.</param>
    /// <param name="subject">The workload that sends: <c>engine.Identities.GetWorkload(LabelSet.Parse("app=api"))</c>.</param>
    /// <param name="options">Settings; null = defaults.</param>
    /// <param name="transport">
    /// What sends, with its settings for TLS, pooling and decompression; null = a new one. It is taken over and disposed with the handler: its
    /// redirects, cookies and proxy are switched off here, the former two done above it.
    /// </param>
    /// <exception cref="InvalidOperationException">The transport connects by itself or through a proxy, or would send credentials to redirect targets.</exception>
    public PolicyProxyHandler(PolicyGate gate, Identity subject, PolicyProxyHandlerOptions? options = null, SocketsHttpHandler? transport = null)
        : this(gate, () => subject, options ?? new PolicyProxyHandlerOptions(), transport ?? new SocketsHttpHandler(), TimeProvider.System)
    {
    }

    internal PolicyProxyHandler(
        PolicyGate gate, Func<Identity> subject, PolicyProxyHandlerOptions options, SocketsHttpHandler transport, TimeProvider time)
        : base(transport)
    {
        options.Validate();
        _door = new ClientDoor(gate, subject, options, time)
        {
            // A check of the application's own may accept any certificate, a target host of its own any name.
            VerifiesNames = () => transport.SslOptions is { RemoteCertificateValidationCallback: null, TargetHost: null or "" },
        };
        _routes = new ClientRoutes(_door);
        _throws = options.Denied == DeniedRequest.Throw;
        _deniedBody = Encoding.ASCII.GetBytes(options.DenyMessage + "\r\n");
        ClientTransport.TakeOver(transport, _routes, out _redirection, out _cookies);
    }

    /// <summary>Not supported: names are resolved asynchronously.</summary>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("PolicyProxyHandler sends asynchronously only: use SendAsync.");

    /// <summary>Judges the request, sends it if it is allowed, and does the same for every redirect that is followed.</summary>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestUri is not { IsAbsoluteUri: true, Scheme: "http" or "https" or "ws" or "wss" })
        {
            throw new NotSupportedException("PolicyProxyHandler sends requests with absolute http, https, ws and wss URIs only.");
        }

        ClientTransport.AvoidHttp3(request);
        for (var hops = 0; ; hops++)
        {
            var response = await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
            if (hops >= _redirection.MaxHops || !Redirection.TryFollow(request, response))
            {
                return response;
            }

            response.Dispose();
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // 1. Where to: addresses that are known to the gate before it is asked.
        var uri = request.RequestUri!;
        var route = _routes.Of(uri);
        await route.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var changes = new HeaderChanges(request);
        try
        {
            // 2. What is sent is what is judged, cookies included.
            _cookies?.Write(request, ref changes);
            var view = new HttpMessageRequest(request, route.AuthorityOf(uri));
            var started = _door.Time.GetTimestamp();
            var verdict = route.Judge(view, out var permit);
            if (!verdict.Allowed)
            {
                return Deny(request, view, verdict, permit, started);
            }

            changes.Apply(verdict.HeaderEdits);

            // 3. Send, and report what came of it.
            try
            {
                var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                _cookies?.Read(response, uri);
                _door.Gate.Complete(permit, view, (int)response.StatusCode, _door.Time.GetElapsedTime(started));
                return response;
            }
            catch (HttpRequestException error) when (error.InnerException is PolicyProxyDeniedException denial)
            {
                // Policy changed between the request and its connection, which has left a flow.
                return Deny(request, view, new Verdict(false, denial.Reason, denial.Rule), permit, started);
            }
            catch (HttpRequestException error)
            {
                _door.Gate.Complete(permit, view, 0, _door.Time.GetElapsedTime(started), error.Message);
                throw;
            }
        }
        finally
        {
            changes.Undo();
        }
    }

    private HttpResponseMessage Deny(
        HttpRequestMessage request, in HttpMessageRequest view, in Verdict verdict, in ConnectionPermit permit, long started)
    {
        var status = verdict.Reason == VerdictReason.AmbiguousRequest ? HttpStatusCode.BadRequest : HttpStatusCode.Forbidden;
        _door.Gate.Complete(permit, view, (int)status, _door.Time.GetElapsedTime(started));
        if (_throws)
        {
            throw PolicyProxyDeniedException.Create(
                string.Create(CultureInfo.InvariantCulture, $"{view.Method} {view.Scheme}://{view.Authority}{request.RequestUri!.AbsolutePath}"), verdict);
        }

        var content = new ByteArrayContent(_deniedBody);
        content.Headers.ContentType = new(MediaTypeNames.Text.Plain);
        // In the version that was asked for: gRPC takes another for a fault of the network, not for a denial.
        var response = new HttpResponseMessage(status) { RequestMessage = request, Content = content, Version = request.Version };
        response.Headers.Add(ReasonField, verdict.Reason.ToString());
        return response;
    }
}
