using System.Globalization;
using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// A response made here and not by the upstream (semantics 5.5): a status with a short text, or for a gRPC call HTTP 200 with
/// <c>grpc-status</c> and <c>grpc-message</c> in the headers, which gRPC calls trailers-only. Immutable.
/// </summary>
internal sealed class LocalReply
{
    private const string GrpcMediaType = "application/grpc";

    private readonly byte[] _body;
    private readonly string _grpcStatus;
    private readonly string _grpcMessage;

    /// <summary>Creates a reply.</summary>
    /// <param name="statusCode">HTTP status for anything that is no gRPC call.</param>
    /// <param name="grpcStatus">gRPC status code for gRPC calls.</param>
    /// <param name="message">Printable ASCII without line end; the body is this and CRLF.</param>
    public LocalReply(int statusCode, int grpcStatus, string message)
    {
        StatusCode = statusCode;
        _body = Encoding.ASCII.GetBytes(message + "\r\n");
        _grpcStatus = grpcStatus.ToString(CultureInfo.InvariantCulture);
        _grpcMessage = message.Replace("%", "%25", StringComparison.Ordinal); // percent-encoding of gRPC's PROTOCOL-HTTP2 for ASCII
    }

    public int StatusCode { get; }

    /// <summary>Writes the reply; the response must not have started. Headers set before are kept.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        if (IsGrpc(context.Request.ContentType))
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = GrpcMediaType;
            response.Headers["grpc-status"] = _grpcStatus;
            response.Headers["grpc-message"] = _grpcMessage;
            return;
        }

        response.StatusCode = StatusCode;
        response.ContentType = MediaTypeNames.Text.Plain;
        response.ContentLength = _body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(_body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    // As Envoy: gRPC-Web is not gRPC, its clients understand a plain 403.
    private static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(GrpcMediaType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == GrpcMediaType.Length || contentType[GrpcMediaType.Length] is '+' or ';');
}
