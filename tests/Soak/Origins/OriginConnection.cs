using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using PolicyProxy.Soak.Traffic;
using PolicyProxy.Soak.Verdicts;
using PolicyProxy.Soak.Wire;

namespace PolicyProxy.Soak.Origins;

/// <summary>An origin's end of one connection: reads requests, tells the referee, answers as the exchange says.</summary>
internal sealed class OriginConnection(Socket socket, Referee referee)
{
    private const int JoinedBytes = 16 * 1024;

    private readonly WireReader _reader = new(socket);

    /// <summary>Serves requests until either side ends the connection. Never throws for what the peer does.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (await _reader.ReadHeadAsync(stop) is { } text)
            {
                var head = new HeadText(text);
                if (referee.Arrive(head) is not { } exchange || !await AnswerAsync(exchange, head, stop))
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException or ObjectDisposedException or OperationCanceledException
            or IOException or WebSocketException)
        {
            // a client or the sidecar has gone, or this origin has been killed
        }
        finally
        {
            socket.Dispose();
        }
    }

    /// <summary>False if the connection ends.</summary>
    private async Task<bool> AnswerAsync(Exchange exchange, HeadText head, CancellationToken stop)
    {
        if (exchange.Response is ResponseShape.EarlyThenKeep or ResponseShape.EarlyThenClose)
        {
            return await AnswerEarlyAsync(exchange, head, stop);
        }

        if (head.Field("Expect") is not null)
        {
            await socket.SendTextAsync("HTTP/1.1 100 Continue\r\n\r\n", stop);
        }

        await ReadRequestBodyAsync(exchange, head, stop);
        if (exchange.Delay > TimeSpan.Zero)
        {
            await Task.Delay(exchange.Delay, stop);
        }

        switch (exchange.Response)
        {
            case ResponseShape.NoContent or ResponseShape.NotModified:
                await socket.SendTextAsync(Head(exchange, ""), stop);
                return true;
            case ResponseShape.Chunked:
                await socket.SendTextAsync(Head(exchange, "Transfer-Encoding: chunked\r\n"), stop);
                await (exchange.Method == "HEAD" ? Task.CompletedTask : socket.SendChunkedAsync(exchange.Tagged, exchange.ResponseBytes, end: true, stop));
                return true;
            case ResponseShape.UntilClose:
                await socket.SendTextAsync(Head(exchange, "Connection: close\r\n"), stop);
                await socket.SendBodyAsync(exchange.Tagged, 0, exchange.ResponseBytes, stop);
                return false;
            case ResponseShape.LengthThenClose:
                await SendWithLengthAsync(exchange, "Connection: close\r\n", stop);
                return false;
            case ResponseShape.Interim:
                await socket.SendTextAsync("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n", stop);
                await SendWithLengthAsync(exchange, "", stop);
                return true;
            case ResponseShape.DropBeforeHead or ResponseShape.DropInBody:
                await DropAsync(exchange, stop);
                return false;
            case ResponseShape.Tunnel:
                await TunnelAsync(exchange, head, stop);
                return false;
            default:
                await SendWithLengthAsync(exchange, "", stop);
                return true;
        }
    }

    private async Task<bool> AnswerEarlyAsync(Exchange exchange, HeadText head, CancellationToken stop)
    {
        if (exchange.Response == ResponseShape.EarlyThenKeep)
        {
            await SendWithLengthAsync(exchange, "", stop);
            await ReadRequestBodyAsync(exchange, head, stop);
            return true;
        }

        await SendWithLengthAsync(exchange, "Connection: close\r\n", stop);
        socket.Shutdown(SocketShutdown.Send);
        // Closing with bytes unread would reset the connection and could destroy the answer under way.
        await _reader.ReadToEndAsync(new BodyCheck(null), stop);
        return false;
    }

    private async Task ReadRequestBodyAsync(Exchange exchange, HeadText head, CancellationToken stop)
    {
        var body = new BodyCheck(exchange.Tagged);
        if (head.IsChunked)
        {
            await _reader.ReadChunkedAsync(body, stop);
        }
        else
        {
            await _reader.ReadBodyAsync(head.ContentLength ?? 0, body, stop);
        }

        referee.ArriveWhole(exchange, body);
    }

    private async Task SendWithLengthAsync(Exchange exchange, string fields, CancellationToken stop)
    {
        var head = Encoding.Latin1.GetBytes(Head(exchange, $"Content-Length: {exchange.ResponseBytes}\r\n{fields}"));
        if (exchange.Method == "HEAD")
        {
            await socket.SendAllAsync(head, stop);
            return;
        }

        var joined = new byte[head.Length + Math.Min(exchange.ResponseBytes, JoinedBytes)];
        head.CopyTo(joined, 0);
        exchange.Tagged.Fill(joined.AsSpan(head.Length), 0);
        await socket.SendAllAsync(joined, stop);
        await socket.SendBodyAsync(exchange.Tagged, joined.Length - head.Length, exchange.ResponseBytes, stop);
    }

    private async Task DropAsync(Exchange exchange, CancellationToken stop)
    {
        if (exchange.Response == ResponseShape.DropInBody)
        {
            await socket.SendTextAsync(Head(exchange, $"Content-Length: {exchange.ResponseBytes}\r\n"), stop);
            await socket.SendBodyAsync(exchange.Tagged, 0, exchange.ResponseBytes / 2, stop);
        }

        if (exchange.Id % 2 == 0)
        {
            socket.Reset();
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 asks for SHA-1 in the handshake.")]
    private async Task TunnelAsync(Exchange exchange, HeadText head, CancellationToken stop)
    {
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(head.Field("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        await socket.SendTextAsync(Head(exchange, $"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n"), stop);
        using var stream = new NetworkStream(socket);
        using var messages = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[JoinedBytes];
        while (await messages.ReceiveAsync(buffer.AsMemory(), stop) is var part && part.MessageType != WebSocketMessageType.Close)
        {
            await messages.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, stop);
        }

        await messages.CloseAsync(WebSocketCloseStatus.NormalClosure, null, stop);
    }

    private static string Head(Exchange exchange, string fields)
    {
        var reason = exchange.ExpectedStatus switch { 101 => "Switching Protocols", 204 => "No Content", 304 => "Not Modified", 413 => "Content Too Large", _ => "OK" };
        return $"HTTP/1.1 {exchange.ExpectedStatus} {reason}\r\n{Exchange.IdField}: {TaggedBody.Tag(exchange.Id)}\r\n{fields}\r\n";
    }
}
