using Grpc.Core;

namespace PolicyProxy.FunctionalTests.Grpc;

/// <summary>A gRPC service with methods of all four kinds; what it has seen is asked of it.</summary>
internal sealed class CartService(CartRecord record) : Cart.CartBase
{
    public override Task<Item> GetItem(Item request, ServerCallContext context) => Task.FromResult(request);

    public override Task<Item> Add(Item request, ServerCallContext context) => Task.FromResult(request);

    public override async Task ListItems(Item request, IServerStreamWriter<Item> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < 3; i++)
        {
            await responseStream.WriteAsync(new Item { Name = $"{request.Name}{i}" }, context.CancellationToken);
        }
    }

    public override async Task<Item> Collect(IAsyncStreamReader<Item> requestStream, ServerCallContext context)
    {
        var names = new List<string>();
        await foreach (var item in requestStream.ReadAllAsync(context.CancellationToken))
        {
            names.Add(item.Name);
        }

        return new Item { Name = string.Join(',', names) };
    }

    public override async Task Chat(IAsyncStreamReader<Item> requestStream, IServerStreamWriter<Item> responseStream, ServerCallContext context)
    {
        record.Begin();
        try
        {
            await foreach (var item in requestStream.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(new Item { Name = $"re: {item.Name}" }, context.CancellationToken);
            }
        }
        catch (Exception) when (context.CancellationToken.IsCancellationRequested)
        {
            record.Cancel();
        }
    }

    public override async Task<Item> Wait(Item request, ServerCallContext context)
    {
        record.Begin();
        var cancelled = new TaskCompletionSource();
        using (context.CancellationToken.Register(cancelled.SetResult))
        {
            await cancelled.Task;
        }

        record.Cancel();
        return request;
    }

    public override Task<Item> Fail(Item request, ServerCallContext context)
    {
        context.ResponseTrailers.Add("retry-in", "7");
        throw new RpcException(new Status(StatusCode.ResourceExhausted, "no items: 100 % sold, ä"));
    }
}

/// <summary>What happened in the service.</summary>
internal sealed class CartRecord
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first call that lasts has arrived.</summary>
    public Task Begun => _begun.Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Completes when the service has seen a caller give up.</summary>
    public Task Cancelled => _cancelled.Task.WaitAsync(TimeSpan.FromMinutes(1));

    public void Begin() => _begun.TrySetResult();

    public void Cancel() => _cancelled.TrySetResult();
}
