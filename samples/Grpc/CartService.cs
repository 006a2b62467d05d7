using Grpc.Core;

namespace PolicyProxy.Samples.GrpcSample;

/// <summary>A cart that has everything.</summary>
internal sealed class CartService : Cart.CartBase
{
    public override Task<Item> GetItem(Item request, ServerCallContext context) => Task.FromResult(request);

    public override async Task ListItems(Item request, IServerStreamWriter<Item> responseStream, ServerCallContext context)
    {
        for (var i = 1; i <= 3; i++)
        {
            await responseStream.WriteAsync(new Item { Name = $"{request.Name} {i}" }, context.CancellationToken);
        }
    }

    public override Task<Item> Add(Item request, ServerCallContext context) => throw new InvalidOperationException("the policy lets nobody get here");
}
