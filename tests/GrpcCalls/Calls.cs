using Grpc.Core;

namespace PolicyProxy.GrpcCalls;

/// <summary>One call of each method.</summary>
internal static class Calls
{
    private static readonly Word[] s_words = [new() { Text = "a" }, new() { Text = "b" }, new() { Text = "c" }];

    public static IReadOnlyList<(string Method, Func<Words.WordsClient, Task<string>> Call)> All { get; } =
    [
        ("Unary", static async client => (await client.UnaryAsync(s_words[0])).Text),
        ("ServerStream", ServerStreamAsync),
        ("ClientStream", ClientStreamAsync),
        ("Duplex", DuplexAsync),
        ("Secret", static async client => (await client.SecretAsync(s_words[0])).Text),
    ];

    private static async Task<string> ServerStreamAsync(Words.WordsClient client)
    {
        using var call = client.ServerStream(s_words[0]);
        return await ReadAsync(call.ResponseStream);
    }

    private static async Task<string> ClientStreamAsync(Words.WordsClient client)
    {
        using var call = client.ClientStream();
        foreach (var word in s_words)
        {
            await call.RequestStream.WriteAsync(word);
        }

        await call.RequestStream.CompleteAsync();
        return (await call.ResponseAsync).Text;
    }

    // The next word is only sent once the last has come back: both directions are open at once.
    private static async Task<string> DuplexAsync(Words.WordsClient client)
    {
        using var call = client.Duplex();
        var heard = new List<string>();
        foreach (var word in s_words)
        {
            await call.RequestStream.WriteAsync(word);
            heard.Add(await call.ResponseStream.MoveNext(CancellationToken.None) ? call.ResponseStream.Current.Text : "nothing");
        }

        await call.RequestStream.CompleteAsync();
        return string.Join(' ', heard) + await ReadAsync(call.ResponseStream);
    }

    private static async Task<string> ReadAsync(IAsyncStreamReader<Word> stream)
    {
        var words = new List<string>();
        await foreach (var word in stream.ReadAllAsync())
        {
            words.Add(word.Text);
        }

        return string.Join(' ', words);
    }
}
