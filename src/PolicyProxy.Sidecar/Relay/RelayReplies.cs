using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>The responses a relay makes itself, but for denials, whose text the user may choose. Immutable.</summary>
internal sealed class RelayReplies
{
    /// <summary>The request's head did not come in time.</summary>
    public LocalReply HeadTimeout { get; } = new(StatusCodes.Status408RequestTimeout, grpcStatus: 4, "Request timed out");

    /// <summary>The upstream refuses connections, or its response is unusable.</summary>
    public LocalReply Unavailable { get; } = new(StatusCodes.Status502BadGateway, grpcStatus: 14, "Upstream unavailable");

    /// <summary>The name of a destination cannot be resolved.</summary>
    public LocalReply NameNotFound { get; } = new(StatusCodes.Status502BadGateway, grpcStatus: 14, "Host name not found");

    /// <summary>The name of a destination was not resolved in time.</summary>
    public LocalReply NameTimeout { get; } = new(StatusCodes.Status504GatewayTimeout, grpcStatus: 14, "Host name not resolved in time");

    /// <summary>The upstream did not answer in time.</summary>
    public LocalReply UpstreamTimeout { get; } = new(StatusCodes.Status504GatewayTimeout, grpcStatus: 14, "Upstream timed out");

    /// <summary>The relay has no descriptor, port or memory left for the request.</summary>
    public LocalReply Overloaded { get; } = new(StatusCodes.Status503ServiceUnavailable, grpcStatus: 14, "Proxy overloaded");

    /// <summary>A header action that policy asks for cannot be carried out.</summary>
    public LocalReply EditFailed { get; } = new(StatusCodes.Status500InternalServerError, grpcStatus: 13, "Header action failed");

    /// <summary>What a malformed message is answered with; the text says why.</summary>
    public static LocalReply Malformed(in ProtocolError error) => new(HttpErrorStatus.Of(error.Code), grpcStatus: 13, $"Bad request: {error.Code}");
}
