using System.Globalization;
using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// A response made here and not by the upstream (semantics 5.5): a status with a short text, or for a gRPC call HTTP 200 with
/// <c>grpc-status</c> and <c>grpc-message</c> in the headers, which gRPC calls trailers-only. Immutable.
/// </summary>
internal sealed class LocalReply
{
    private const string GrpcMediaType = "application/grpc";

    private static readonly byte[] s_plainFields = Encoding.ASCII.GetBytes($"content-type: {MediaTypeNames.Text.Plain}\r\n");

    private readonly byte[] _body;
    private readonly byte[] _grpcFields;
    private readonly string _grpcStatus;
    private readonly string _grpcMessage;

    /// <summary>Creates a reply.</summary>
    /// <param name="statusCode">HTTP status for anything that is no gRPC call.</param>
    /// <param name="grpcStatus">gRPC status code for gRPC calls.</param>
    /// <param name="message">Printable ASCII without line end; the body is this and CRLF.</param>
    public LocalReply(int statusCode, int grpcStatus, string message)
    {
        StatusCode = statusCode;
        Message = message;
        _body = Encoding.ASCII.GetBytes(message + "\r\n");
        _grpcStatus = grpcStatus.ToString(CultureInfo.InvariantCulture);
        _grpcMessage = message.Replace("%", "%25", StringComparison.Ordinal); // percent-encoding of gRPC's PROTOCOL-HTTP2 for ASCII
        _grpcFields = Encoding.ASCII.GetBytes($"content-type: {GrpcMediaType}\r\ngrpc-status: {_grpcStatus}\r\ngrpc-message: {_grpcMessage}\r\n");
    }

    public int StatusCode { get; }

    /// <summary>The text without line end.</summary>
    public string Message { get; }

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

    /// <summary>Writes the reply as an HTTP/1.1 message.</summary>
    /// <param name="to">What it answers.</param>
    /// <param name="date">Time of the reply.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>Bytes written; 0 if the destination is too short.</returns>
    public int WriteHttp1(LocalReplyTo to, DateTimeOffset date, Span<byte> destination)
    {
        var status = to.IsGrpc ? StatusCodes.Status200OK : StatusCode;
        var reply = new Http1Reply
        {
            StatusCode = status,
            Reason = ReasonPhrases.GetReasonPhrase(status),
            Date = date,
            Fields = to.IsGrpc ? _grpcFields : s_plainFields,
            Body = to.IsGrpc ? default : _body,
            IsToHead = to.IsHead,
            Closes = to.Closes,
        };
        return Http1ReplyWriter.Write(reply, destination);
    }

    /// <summary>True for the media type of gRPC calls. As Envoy: gRPC-Web is not gRPC, its clients understand a plain 403.</summary>
    public static bool IsGrpc(ReadOnlySpan<char> contentType) =>
        contentType.StartsWith(GrpcMediaType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == GrpcMediaType.Length || contentType[GrpcMediaType.Length] is '+' or ';');
}

/// <summary>What a <see cref="LocalReply"/> answers over HTTP/1.1.</summary>
/// <param name="IsGrpc">True for a gRPC call.</param>
/// <param name="IsHead">True for HEAD.</param>
/// <param name="Closes">True if the connection is closed behind the reply.</param>
internal readonly record struct LocalReplyTo(bool IsGrpc, bool IsHead, bool Closes);
