using Grpc.Core;

namespace PolicyProxy.FunctionalTests.Grpc;

/// <summary>A gRPC service with a unary and a streaming method.</summary>
internal sealed class CartService : Cart.CartBase
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
}
