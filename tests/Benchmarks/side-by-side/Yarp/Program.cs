using PolicyProxy.Benchmarks.SideBySide;
using Yarp.ReverseProxy.Forwarder;

// The least one writes to put these rules before a server with YARP: one middleware and the forwarder. Usage: YarpProxy LISTEN-PORT UPSTREAM-PORT
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{args[0]}");
builder.Services.AddHttpForwarder();
var app = builder.Build();

var upstream = $"http://127.0.0.1:{args[1]}/";
using var client = new HttpMessageInvoker(new SocketsHttpHandler
{
    UseProxy = false,
    AllowAutoRedirect = false,
    UseCookies = false,
    ActivityHeadersPropagator = null,
});
var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
app.Run(async context =>
{
    if (!Rules.Allow(context.Request))
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return;
    }

    await forwarder.SendAsync(context, upstream, client);
});
await app.RunAsync();
