using System.Net.Sockets;
using System.Net.WebSockets;
using PolicyProxy.Soak.Wire;

namespace PolicyProxy.Soak.Traffic;

/// <content>Visits that become a WebSocket.</content>
internal sealed partial class Client
{
    private const int MaxMessageBytes = 64 * 1024;

    private async Task WebSocketAsync()
    {
        using var connection = await ClientConnection.ConnectAsync(sidecar);
        var exchange = generator.Socket();
        referee.Send(exchange);
        var head = exchange.Head().TrimEnd() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        _ = await ExchangeRunner.TrySendAsync(connection.SendTextAsync(head));
        var answer = await connection.ReadAsync(exchange);
        referee.Answer(exchange, answer);
        if (answer.Status != 101)
        {
            return;
        }

        try
        {
            using var stream = new NetworkStream(connection.Socket);
            using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions());
            for (var left = _random.Next(1, 30); left > 0; left--)
            {
                await EchoAsync(socket, exchange, connection.Silence);
            }

            if (_random.Next(10) > 0)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, connection.Silence);
            }
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException)
        {
            Explain(exchange, error);
        }
    }

    private async Task EchoAsync(WebSocket socket, Exchange exchange, CancellationToken stop)
    {
        var message = new byte[_random.Next(1, MaxMessageBytes)];
        exchange.Tagged.Fill(message, 0);
        var sending = socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, stop);
        var body = new BodyCheck(exchange.Tagged);
        var buffer = new byte[16 * 1024];
        bool isEnd;
        do
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), stop);
            body.Take(buffer.AsSpan(0, part.Count));
            isEnd = part.EndOfMessage;
        }
        while (!isEnd);
        await sending;
        if (!body.IsRight || body.Length != message.Length)
        {
            tally.Fail("mixed up: a WebSocket message came back changed", $"{exchange}: {body.Length} of {message.Length} bytes");
        }

        tally.Count("WebSocket messages");
    }

    private void Explain(Exchange exchange, Exception error)
    {
        if (outages.Touches(exchange.SentAt))
        {
            tally.Count("WebSocket broken, in an outage");
        }
        else
        {
            tally.Fail("unexpected: WebSocket broken", $"{exchange}: {error.Message} {error.InnerException?.Message}");
        }
    }
}
