using System.Net.Sockets;
using PolicyProxy.Soak.Verdicts;

namespace PolicyProxy.Soak.Traffic;

/// <summary>Sends one request, reads its answer while it is still sending, and has it judged.</summary>
internal static class ExchangeRunner
{
    /// <summary>
    /// Longest body of a denied request behind which a connection must stay usable: less than the sidecar's limit for bodies it throws away, because
    /// the framing of chunks counts there. How long a chunked body gets is known too late to announce the end of the connection.
    /// </summary>
    private const int MaxDiscardedBytes = 250_000;

    public static async Task<Answer> RunAsync(ClientConnection connection, Exchange exchange, Referee referee, Tally tally)
    {
        exchange.After = connection.Last;
        referee.Send(exchange);
        _ = await TrySendAsync(connection.SendHeadAsync(exchange)); // if it failed, there will be no answer
        var isAsked = connection.Continue.Task;
        var reading = connection.ReadAsync(exchange);
        if (exchange.ExpectContinue && await Task.WhenAny(reading, isAsked) != isAsked && !isAsked.IsCompleted)
        {
            // Answered without a wish for the body: whether it still has to follow is the server's guess, so the connection is done with.
            var refusal = await reading;
            referee.Answer(exchange, refusal);
            return refusal with { Closes = true };
        }

        var sending = TrySendAsync(connection.SendBodyAsync(exchange));
        var answer = await reading;
        referee.Answer(exchange, answer);
        if (answer.Status == 403 && exchange.BodyBytes > MaxDiscardedBytes)
        {
            answer = answer with { Closes = true };
        }

        if (!answer.LeavesConnection)
        {
            connection.Socket.Dispose(); // ends the sending too
        }

        if (!await sending && answer.LeavesConnection)
        {
            tally.Fail("unexpected: the rest of a body was not taken", $"{exchange} got {answer}");
            return answer with { Closes = true };
        }

        return answer;
    }

    /// <summary>False if the connection broke or stood still.</summary>
    public static async Task<bool> TrySendAsync(Task sending)
    {
        try
        {
            await sending;
            return true;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }
}
