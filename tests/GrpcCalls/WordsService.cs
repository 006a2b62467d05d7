using System.Collections.Concurrent;
using Grpc.Core;

namespace PolicyProxy.GrpcCalls;

/// <summary>Answers with what it was sent: as it is, three times, or all at once.</summary>
internal sealed class WordsService : Words.WordsBase
{
    /// <summary>The methods called so far.</summary>
    public static ConcurrentQueue<string> Called { get; } = new();

    public override Task<Word> Unary(Word request, ServerCallContext context) => Task.FromResult(Note(request, nameof(Unary)));

    public override Task<Word> Secret(Word request, ServerCallContext context) => Task.FromResult(Note(request, nameof(Secret)));

    public override async Task ServerStream(Word request, IServerStreamWriter<Word> responseStream, ServerCallContext context)
    {
        _ = Note(request, nameof(ServerStream));
        for (var i = 0; i < 3; i++)
        {
            await responseStream.WriteAsync(request);
        }
    }

    public override async Task<Word> ClientStream(IAsyncStreamReader<Word> requestStream, ServerCallContext context)
    {
        var words = new List<string>();
        await foreach (var word in requestStream.ReadAllAsync())
        {
            words.Add(word.Text);
        }

        return Note(new Word { Text = string.Join(' ', words) }, nameof(ClientStream));
    }

    public override async Task Duplex(IAsyncStreamReader<Word> requestStream, IServerStreamWriter<Word> responseStream, ServerCallContext context)
    {
        Called.Enqueue(nameof(Duplex));
        await foreach (var word in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(word);
        }
    }

    private static Word Note(Word word, string method)
    {
        Called.Enqueue(method);
        return word;
    }
}
