// grpc-dotnet as people write it, without settings. "serve PORT" answers on every address, and at a line on stdin names the methods that were called and ends;
// "call ADDRESS" makes one call of each method and prints what came of it.
using System.Globalization;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.GrpcCalls;

switch (args)
{
    case ["serve", var port]:
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.IPv6Any, int.Parse(port, CultureInfo.InvariantCulture), static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        await using (var app = builder.Build())
        {
            app.MapGrpcService<WordsService>();
            await app.StartAsync();
            Console.WriteLine("serving");
            Console.ReadLine();
            Console.WriteLine(string.Join(' ', WordsService.Called));
        }

        break;
    case ["call", var address]:
        using (var channel = GrpcChannel.ForAddress(address))
        {
            var client = new Words.WordsClient(channel);
            foreach (var (method, call) in Calls.All)
            {
                Console.WriteLine($"{method}: {await AnswerAsync(() => call(client))}");
            }
        }

        break;
    default:
        Console.Error.WriteLine("serve PORT, or call ADDRESS");
        return 1;
}

return 0;

static async Task<string> AnswerAsync(Func<Task<string>> call)
{
    try
    {
        return await call();
    }
    catch (RpcException error)
    {
        return $"{error.StatusCode} {error.Status.Detail}";
    }
}
