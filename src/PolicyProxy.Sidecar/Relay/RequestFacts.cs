using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>What has to be known of a request once its head has been sent on.</summary>
internal readonly record struct RequestFacts
{
    /// <summary>How the end of the response is found.</summary>
    public Http1ResponseTo ResponseTo { get; private init; }

    public Http1BodyKind BodyKind { get; private init; }

    public long ContentLength { get; private init; }

    /// <summary>True if the client wants to send another request.</summary>
    public bool KeepAlive { get; private init; }

    /// <summary>True if the client waits for 100 (Continue).</summary>
    public bool ExpectsContinue { get; private init; }

    public bool IsVersion10 { get; private init; }

    public bool IsGrpc { get; private init; }

    /// <summary>True if the upstream may answer with 101: an allowed protocol is asked for, properly.</summary>
    public bool Upgrades { get; private init; }

    /// <summary>True if the wish for another protocol has to be taken out before the request goes on.</summary>
    public bool DropsUpgrade { get; private init; }

    public static RequestFacts Of(scoped in Http1Request request, RelayOptions options)
    {
        var isVersion10 = request.Protocol is "HTTP/1.0";
        var upgrades = request.Upgrade == Http1Upgrade.WebSocket && options.AllowsWebSocket && request.HasUpgradeOption
            && !isVersion10 && request.BodyKind == Http1BodyKind.None && request.Method is "GET";
        return new()
        {
            ResponseTo = request.Method is "HEAD" ? Http1ResponseTo.Head : Http1ResponseTo.Other,
            BodyKind = request.BodyKind,
            ContentLength = request.ContentLength,
            KeepAlive = request.KeepAlive,
            ExpectsContinue = request.ExpectContinue,
            IsVersion10 = isVersion10,
            IsGrpc = request.HeaderStartsWith("content-type", "application/grpc") && IsGrpcCall(request),
            Upgrades = upgrades,
            DropsUpgrade = request.Upgrade != Http1Upgrade.None && !upgrades,
        };
    }

    private static bool IsGrpcCall(scoped in Http1Request request)
    {
        foreach (var field in request.Fields)
        {
            if (field.IsNamed("content-type"))
            {
                Span<char> type = stackalloc char[Math.Min(field.Value.Length, 64)];
                System.Text.Encoding.Latin1.GetChars(field.Value[..type.Length], type);
                return LocalReply.IsGrpc(type);
            }
        }

        return false;
    }
}
