using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// Reads each HTTP/2 request a second time, as the HTTP/1.1 head it would be, with the parser of the relay: what is refused there is refused
/// here, and an upstream that is spoken to in HTTP/1.1 gets nothing it could read in another way. Thread-safe.
/// </summary>
internal sealed class StrictRequests(HttpDoor door, HttpLimits limits)
{
    // RFC 9113 §8.2.2. Kestrel refuses Connection, and TE that is not "trailers".
    private static readonly string[] s_connectionFields = ["transfer-encoding", "upgrade", "keep-alive", "proxy-connection", "http2-settings"];

    /// <summary>Passes a good request on and answers any other.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next) =>
        Read(context) is { Code: not ProtocolErrorCode.None } error ? RefuseAsync(context, error) : next(context);

    private async Task RefuseAsync(HttpContext context, ProtocolError error)
    {
        var permit = door.PermitOf(context);
        _ = door.Gate.Refuse(ref permit, error);
        await RelayReplies.Malformed(error).WriteAsync(context).ConfigureAwait(false);
    }

    private ProtocolError Read(HttpContext context)
    {
        var headers = context.Request.Headers;
        foreach (var field in s_connectionFields)
        {
            if (headers.ContainsKey(field))
            {
                return new(ProtocolErrorCode.Http2ConnectionField, 0);
            }
        }

        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
            && !string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase))
        {
            return new(ProtocolErrorCode.Http2TunnelProtocol, 0);
        }

        foreach (var (name, _) in headers)
        {
            if (name.IndexOf(':', StringComparison.Ordinal) > 0) // written out, it would be another name
            {
                return new(ProtocolErrorCode.HttpFieldName, 0);
            }
        }

        var head = ArrayPool<byte>.Shared.Rent(limits.MaxHeadBytes);
        var scratch = ArrayPool<char>.Shared.Rent(limits.MaxScratchChars);
        try
        {
            var length = Write(context, head.AsSpan(0, limits.MaxHeadBytes));
            if (length == 0)
            {
                return new(ProtocolErrorCode.HttpHeadTooLarge, limits.MaxHeadBytes);
            }

            return Http1Request.TryParse(head.AsSpan(0, length), limits, scratch, out _, out var error) ? default : error;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
            ArrayPool<char>.Shared.Return(scratch);
        }
    }

    // The head a client would send over HTTP/1.1; 0 if there is no room for it.
    private static int Write(HttpContext context, Span<byte> destination)
    {
        var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        var head = new HeadWriter(destination);
        head.Add(new HttpContextRequest(context).Method);
        head.Add(" ");
        head.Add(feature.RawTarget);
        head.Add(" HTTP/1.1\r\n");
        foreach (var (name, values) in feature.Headers)
        {
            foreach (var value in values)
            {
                if (name.StartsWith(':'))
                {
                    continue;
                }

                head.Add(name);
                head.Add(": ");
                head.Add(value);
                head.Add("\r\n");
            }
        }

        head.Add("\r\n");
        return head.Length;
    }

    private ref struct HeadWriter(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;
        private int _length;
        private bool _isFull;

        public readonly int Length => _isFull ? 0 : _length;

        public void Add(ReadOnlySpan<char> text)
        {
            if (!_isFull && Encoding.UTF8.TryGetBytes(text, _destination[_length..], out var written))
            {
                _length += written;
            }
            else
            {
                _isFull = true;
            }
        }
    }
}
