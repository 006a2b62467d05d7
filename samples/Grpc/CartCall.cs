using Grpc.Core;
using Grpc.Net.Client;

namespace PolicyProxy.Samples.GrpcSample;

/// <summary>One call of a client, and what it prints.</summary>
internal static class CartCall
{
    public static async Task<int> RunAsync(string server, string method, string item)
    {
        using var channel = GrpcChannel.ForAddress(server);
        var cart = new Cart.CartClient(channel);
        var request = new Item { Name = item };
        try
        {
            switch (method)
            {
                case "ListItems":
                    using (var list = cart.ListItems(request))
                    {
                        await foreach (var each in list.ResponseStream.ReadAllAsync())
                        {
                            Console.WriteLine($"{method}: {each.Name}");
                        }
                    }

                    return 0;
                case "GetItem":
                    Console.WriteLine($"{method}: {(await cart.GetItemAsync(request)).Name}");
                    return 0;
                default:
                    Console.WriteLine($"{method}: {(await cart.AddAsync(request)).Name}");
                    return 0;
            }
        }
        catch (RpcException error)
        {
            Console.WriteLine($"{method}: {error.StatusCode}, {error.Status.Detail}");
            return 1;
        }
    }
}
