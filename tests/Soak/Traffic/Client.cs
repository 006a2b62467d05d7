using System.Net;
using System.Net.Sockets;
using PolicyProxy.Soak.Verdicts;

namespace PolicyProxy.Soak.Traffic;

/// <summary>One client: visit after visit, each on a connection of its own, each in another manner.</summary>
internal sealed partial class Client(IPEndPoint sidecar, ExchangeGenerator generator, Referee referee, OutageTimeline outages, Tally tally)
{
    private const int MaxRequestsPerVisit = 200;

    private readonly Random _random = generator.Random;

    /// <summary>Goes on until stopped, then ends the visit under way.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var (name, visit) = Pick(stop);
            try
            {
                await visit();
                tally.Count($"visits: {name}");
            }
            catch (SocketException error)
            {
                // Whatever breaks an answer is the referee's; what is left is a connection that could not be made.
                tally.Fail($"unexpected: {error.SocketErrorCode} in visit {name}", error.Message);
            }
        }
    }

    private (string Name, Func<Task> Visit) Pick(CancellationToken stop) => _random.Next(100) switch
    {
        < 45 => ("one after the other", () => OneAfterTheOtherAsync(stop)),
        < 60 => ("pipelined", () => PipelinedAsync(stop)),
        < 75 => ("aborted", AbortedAsync),
        < 82 => ("half-closed", HalfClosedAsync),
        < 90 => ("malformed", MalformedAsync),
        < 94 => ("web socket", WebSocketAsync),
        < 97 => ("slow reader", SlowReaderAsync),
        _ => ("slow writer", SlowWriterAsync),
    };

    private async Task OneAfterTheOtherAsync(CancellationToken stop)
    {
        using var connection = await ClientConnection.ConnectAsync(sidecar);
        for (var left = _random.Next(1, MaxRequestsPerVisit); left > 0 && !stop.IsCancellationRequested; left--)
        {
            if (!(await ExchangeRunner.RunAsync(connection, generator.Any(), referee, tally)).LeavesConnection)
            {
                return;
            }
        }
    }

    private async Task PipelinedAsync(CancellationToken stop)
    {
        using var connection = await ClientConnection.ConnectAsync(sidecar);
        for (var left = _random.Next(1, 20); left > 0 && !stop.IsCancellationRequested; left--)
        {
            if (!await SendTogetherAsync(connection, _random.Next(2, 17), halfClose: false))
            {
                return;
            }
        }
    }

    private async Task HalfClosedAsync()
    {
        using var connection = await ClientConnection.ConnectAsync(sidecar);
        if (await SendTogetherAsync(connection, _random.Next(1, 4), halfClose: true))
        {
            var nothing = await connection.ReadAsync(generator.Simple());
            if (nothing.End != AnswerEnd.Nothing)
            {
                tally.Fail("unexpected: the connection did not end after the client had ended its half", nothing.ToString());
            }
        }
    }

    private async Task SlowReaderAsync()
    {
        using var connection = await ClientConnection.ConnectAsync(sidecar, pace: TimeSpan.FromMilliseconds(5));
        _ = await ExchangeRunner.RunAsync(connection, generator.Download(), referee, tally);
    }

    private async Task SlowWriterAsync()
    {
        using var connection = await ClientConnection.ConnectAsync(sidecar);
        var exchange = generator.Upload();
        var head = exchange.Head();
        referee.Send(exchange);
        var reading = connection.ReadAsync(exchange);
        var cut = _random.Next(1, head.Length);
        _ = await ExchangeRunner.TrySendAsync(connection.SendTextAsync(head[..cut]));
        await Task.Delay(_random.Next(50));
        _ = await ExchangeRunner.TrySendAsync(connection.SendTextAsync(head[cut..]));
        await Task.Delay(_random.Next(50));
        _ = await ExchangeRunner.TrySendAsync(connection.SendBodyAsync(exchange));
        referee.Answer(exchange, await reading);
    }

    /// <summary>Sends requests with one write and reads the answers in their order; false if the connection ended.</summary>
    private async Task<bool> SendTogetherAsync(ClientConnection connection, int count, bool halfClose)
    {
        var exchanges = Enumerable.Range(0, count).Select(_ => generator.ForPipeline()).ToList();
        exchanges.ForEach(referee.Send);
        var sending = ExchangeRunner.TrySendAsync(connection.SendTogetherAsync(exchanges, halfClose));
        for (var i = 0; i < count; i++)
        {
            var answer = await connection.ReadAsync(exchanges[i]);
            referee.Answer(exchanges[i], answer);
            if (!answer.LeavesConnection && i < count - 1)
            {
                exchanges[(i + 1)..].ForEach(referee.Leave);
                connection.Socket.Dispose();
                _ = await sending;
                return false;
            }
        }

        return await sending;
    }
}
