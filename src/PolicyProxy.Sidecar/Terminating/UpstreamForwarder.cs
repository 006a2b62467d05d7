using System.Net;
using Microsoft.AspNetCore.Http.Features;
using PolicyProxy.Enforcement.AspNetCore;
using Yarp.ReverseProxy.Forwarder;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// Forwards requests to the sidecar's upstream, or to where their connection was going if it was redirected, streaming both ways. Thread-safe;
/// keeps connections to the upstream open.
/// </summary>
internal sealed class UpstreamForwarder : IDisposable
{
    private readonly IHttpForwarder _forwarder;
    private readonly HttpDoor _door;
    private readonly ForwardingTarget? _upstream;
    private readonly LiveStreams _live;
    private readonly UpstreamProtocol _protocol;
    private readonly ForwarderRequestConfig _http1;
    private readonly ForwarderRequestConfig _http2;
    private readonly LocalReply _unreachable = new(StatusCodes.Status502BadGateway, grpcStatus: 14, "Upstream unavailable");
    private readonly LocalReply _timedOut = new(StatusCodes.Status504GatewayTimeout, grpcStatus: 14, "Upstream timed out");
    private readonly LocalReply _noPath = new(StatusCodes.Status400BadRequest, grpcStatus: 13, "Bad request");

    public UpstreamForwarder(IHttpForwarder forwarder, HttpDoor door, SidecarOptions options, LiveStreams live)
    {
        _forwarder = forwarder;
        _door = door;
        _live = live;
        _upstream = options.Upstream is { } upstream ? new ForwardingTarget(options, upstream) : null;
        _protocol = options.UpstreamProtocol;
        _http1 = Config(HttpVersion.Version11, options.IdleTimeout);
        _http2 = Config(HttpVersion.Version20, options.IdleTimeout);
    }

    /// <summary>Forwards one request. If the upstream cannot answer, the client gets 502, 504 or the gRPC status UNAVAILABLE.</summary>
    public async Task ForwardAsync(HttpContext context)
    {
        if (!new HttpContextRequest(context).HasPath)
        {
            await _noPath.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        // Only connections of clients that know the sidecar have no target of their own, and those need an upstream to be served at all.
        var target = context.Features.Get<ForwardingTarget>() ?? _upstream!;

        // Policy has moved on since the connection was taken over; a new one would not be.
        if (target.IsInTheOpen && _door.PermitOf(context) is { HasTlsContext: true } permit)
        {
            _door.Gate.DropHandshake(permit, [], "a rule has a TLS context now, and the client speaks HTTP/2 in the open");
            await _unreachable.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        using var watched = _live.Watch(context);
        var error = await _forwarder.SendAsync(context, target.Destination, target.Client, ConfigFor(context), target.Transformer).ConfigureAwait(false);
        if (error == ForwarderError.None)
        {
            return;
        }

        context.Features.Set<IResponseNoteFeature>(new ResponseNote(Describe(error, context)));
        if (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var reply = context.Response.StatusCode == StatusCodes.Status504GatewayTimeout ? _timedOut : _unreachable;
            await reply.WriteAsync(context).ConfigureAwait(false);
        }
    }

    public void Dispose() => _upstream?.Dispose();

    private static ForwarderRequestConfig Config(Version version, TimeSpan idleTimeout) => new()
    {
        Version = version,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact, // without TLS nothing can be negotiated
        ActivityTimeout = idleTimeout,
    };

    private static string Describe(ForwarderError error, HttpContext context)
    {
        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception?.GetBaseException().Message;
        return cause is null ? $"upstream: {error}" : $"upstream: {error}: {cause}";
    }

    private ForwarderRequestConfig ConfigFor(HttpContext context)
    {
        var wantsHttp2 = _protocol == UpstreamProtocol.SameAsClient && HttpProtocol.IsHttp2(context.Request.Protocol);
        return wantsHttp2 && !IsUpgrade(context) ? _http2 : _http1;
    }

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
}
