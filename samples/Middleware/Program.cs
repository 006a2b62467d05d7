#region quickstart
var builder = WebApplication.CreateBuilder(args);
builder.Services
    .AddPolicyProxy(options =>
    {
        options.Labels = "app=api";  // who this process is: the subject of the policies
        options.PolicyPort = 8080;   // the port policies speak of, wherever it listens
    })
    .FromFiles("policies/");

var app = builder.Build();
app.UsePolicyProxy();
app.MapGet("/public", () => "hello\n");
app.MapGet("/private", () => "never seen from outside\n");
app.Run();
#endregion
