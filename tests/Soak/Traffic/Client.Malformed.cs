namespace PolicyProxy.Soak.Traffic;

/// <content>Requests that nobody may forward.</content>
internal sealed partial class Client
{
    /// <summary>Writes a request that must be refused, around another one that must not get through with it.</summary>
    private static readonly (string Name, Func<Exchange, string, string> Text)[] s_malformed =
    [
        ("both lengths", static (it, inner) => $"POST {it.Target} HTTP/1.1\r\nHost: a\r\nContent-Length: {inner.Length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        ("two lengths", static (it, inner) => $"POST {it.Target} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: {inner.Length}\r\n\r\n{inner}"),
        ("negative length", static (it, inner) => $"POST {it.Target} HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{inner}"),
        ("chunked twice", static (it, inner) => $"POST {it.Target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        ("bare line feeds", static (it, inner) => $"GET {it.Target} HTTP/1.1\nHost: a\n\n{inner}"),
        ("folded line", static (it, inner) => $"GET {it.Target} HTTP/1.1\r\nHost: a\r\nX-A: b\r\n Content-Length: 9\r\n\r\n{inner}"),
        ("space before colon", static (it, inner) => $"POST {it.Target} HTTP/1.1\r\nHost: a\r\nContent-Length : {inner.Length}\r\n\r\n{inner}"),
        ("two hosts", static (it, inner) => $"GET {it.Target} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n{inner}"),
        ("no host", static (it, inner) => $"GET {it.Target} HTTP/1.1\r\n\r\n{inner}"),
        ("dot segments", static (it, inner) => $"GET /always/../never{it.Target} HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("encoded dot segments", static (it, inner) => $"GET /always/%2e%2e/never{it.Target} HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("nul byte", static (it, inner) => $"GET {it.Target} HTTP/1.1\r\nHost: a\r\nX-A: \0\r\n\r\n{inner}"),
        ("fragment", static (it, inner) => $"GET /always/x#/{it.Target} HTTP/1.1\r\nHost: a\r\n\r\n{inner}"),
    ];

    private async Task MalformedAsync()
    {
        var (name, text) = s_malformed[_random.Next(s_malformed.Length)];
        var outer = generator.Malformed();
        var inner = generator.Malformed();
        referee.Send(outer);
        referee.Send(inner);
        using var connection = await ClientConnection.ConnectAsync(sidecar);
        _ = await ExchangeRunner.TrySendAsync(connection.SendTextAsync(text(outer, inner.Head())));
        referee.Answer(outer, await connection.ReadAsync(outer));
        referee.Leave(inner);
        tally.Count($"malformed: {name}");
    }
}
