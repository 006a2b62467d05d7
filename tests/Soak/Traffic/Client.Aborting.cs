using PolicyProxy.Soak.Wire;

namespace PolicyProxy.Soak.Traffic;

/// <content>Visits that end in the middle of something.</content>
internal sealed partial class Client
{
    private static readonly string[] s_stages = ["before the head", "in the head", "in the body", "before the answer", "in the answer"];

    private async Task AbortedAsync()
    {
        using var connection = await ClientConnection.ConnectAsync(sidecar);
        var stage = s_stages[_random.Next(s_stages.Length)];
        _ = await ExchangeRunner.TrySendAsync(AbortAsync(connection, stage));
        tally.Count($"aborted {stage}");
        if (_random.Next(2) == 0)
        {
            connection.Socket.Reset();
        }
    }

    private Task AbortAsync(ClientConnection connection, string stage) => stage switch
    {
        "in the head" => AbortInHeadAsync(connection),
        "in the body" => AbortInBodyAsync(connection),
        "before the answer" => AbortAfterRequestAsync(connection, generator.Simple()),
        "in the answer" => AbortInAnswerAsync(connection),
        _ => Task.CompletedTask,
    };

    private async Task AbortInHeadAsync(ClientConnection connection)
    {
        var exchange = generator.Simple(isCutOff: true);
        var head = exchange.Head();
        referee.Send(exchange);
        referee.Leave(exchange);
        await connection.Socket.SendTextAsync(head[.._random.Next(1, head.Length - 1)], connection.Silence);
    }

    private async Task AbortInBodyAsync(ClientConnection connection)
    {
        var exchange = generator.Upload(isCutOff: true);
        referee.Send(exchange);
        referee.Leave(exchange);
        await connection.SendHeadAsync(exchange);
        var sent = _random.Next(exchange.BodyBytes);
        await (exchange.Body == RequestBody.Length
            ? connection.Socket.SendBodyAsync(exchange.Tagged, 0, sent, connection.Silence)
            : connection.Socket.SendChunkedAsync(exchange.Tagged, sent, end: false, connection.Silence));
    }

    private async Task AbortAfterRequestAsync(ClientConnection connection, Exchange exchange)
    {
        referee.Send(exchange);
        referee.Leave(exchange);
        await connection.SendHeadAsync(exchange);
    }

    private async Task AbortInAnswerAsync(ClientConnection connection)
    {
        await AbortAfterRequestAsync(connection, generator.Download());
        _ = await connection.Socket.ReceiveAsync(new byte[_random.Next(1, 8192)].AsMemory(), connection.Silence);
    }
}
