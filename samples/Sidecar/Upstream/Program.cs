// A server that knows nothing of policies and answers every request.
var app = WebApplication.CreateBuilder(args).Build();
app.MapFallback((HttpRequest request) => $"upstream saw {request.Method} {request.Path}\n");
app.Run();
