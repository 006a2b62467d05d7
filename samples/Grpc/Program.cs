using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Samples.GrpcSample;

if (args is ["call", var server, var method, var item])
{
    return await CartCall.RunAsync(server, method, item);
}

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ConfigureEndpointDefaults(static listen => listen.Protocols = HttpProtocols.Http2));

#region service
builder.Services.AddGrpc();
builder.Services
    .AddPolicyProxy(static options =>
    {
        options.Labels = "app=cart"; // who this process is: the subject of the policies
        options.PolicyPort = 5000;   // the port policies speak of, wherever it listens
    })
    .FromFiles("policies/");

var app = builder.Build();
app.UsePolicyProxy();
app.MapGrpcService<CartService>();
app.Run();
#endregion
return 0;
