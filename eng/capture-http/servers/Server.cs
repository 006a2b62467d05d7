// Responses of Kestrel: dotnet run Server.cs PORT
#:sdk Microsoft.NET.Sdk.Web
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
#:property NoWarn=$(NoWarn);CS1591;CA2007;CA2000
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:" + args[0]);
var application = builder.Build();
application.UseWebSockets();
application.MapGet("/text", () => "hello");
application.MapPut("/text", async (HttpRequest request) => $"{(await new StreamReader(request.Body).ReadToEndAsync()).Length}");
application.MapGet("/json", () => Results.Json(new { a = 1 }));
application.MapGet("/none", () => Results.NoContent());
application.MapGet("/same", () => Results.StatusCode(304));
application.MapGet("/moved", () => Results.Redirect("/text"));
application.MapGet("/cookies", (HttpResponse response) =>
{
    response.Cookies.Append("a", "1");
    response.Cookies.Append("b", "2", new CookieOptions { HttpOnly = true });
    return "x";
});
application.MapGet("/chunks", async (HttpResponse response) =>
{
    await response.WriteAsync("first");
    await response.Body.FlushAsync();
    await response.WriteAsync("second");
});
application.Map("/socket", async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
});
await application.RunAsync();
