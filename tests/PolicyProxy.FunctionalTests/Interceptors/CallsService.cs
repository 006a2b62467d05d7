using Grpc.Core;

namespace PolicyProxy.FunctionalTests.Interceptors;

/// <summary>Answers every kind of call with what it was sent, and with the field <c>x-token</c> it came with.</summary>
internal sealed class CallsService : Calls.CallsBase
{
    public override Task<Word> Unary(Word request, ServerCallContext context) => Task.FromResult(Answer(request.Text, context));

    public override async Task ServerStream(Word request, IServerStreamWriter<Word> responseStream, ServerCallContext context) =>
        await responseStream.WriteAsync(Answer(request.Text, context));

    public override async Task<Word> ClientStream(IAsyncStreamReader<Word> requestStream, ServerCallContext context)
    {
        var words = new List<string>();
        await foreach (var word in requestStream.ReadAllAsync())
        {
            words.Add(word.Text);
        }

        return Answer(string.Join(' ', words), context);
    }

    public override async Task Duplex(IAsyncStreamReader<Word> requestStream, IServerStreamWriter<Word> responseStream, ServerCallContext context)
    {
        await foreach (var word in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(Answer(word.Text, context));
        }
    }

    private static Word Answer(string text, ServerCallContext context) =>
        new() { Text = string.Join('|', [text, .. context.RequestHeaders.Where(static entry => entry.Key == "x-token").Select(static entry => entry.Value)]) };
}
