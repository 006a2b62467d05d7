using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>Kestrel with the middleware before an application; by default one that reports it was reached and echoes the headers.</summary>
internal sealed class MiddlewareHost : IDoorHost
{
    private readonly WebApplication _app;

    private MiddlewareHost(WebApplication app, ReplaceableTexts texts, FlowLog flows)
    {
        _app = app;
        Texts = texts;
        Flows = flows;
        Address = IPEndPoint.Parse(new Uri(app.Urls.First()).Authority);
    }

    public IPEndPoint Address { get; }

    public IServiceProvider Services => _app.Services;

    public FlowLog Flows { get; }

    public ReplaceableTexts Texts { get; }

    public static async Task<MiddlewareHost> StartAsync(
        DoorSetup setup,
        Action<WebApplication>? application = null,
        Action<WebApplicationBuilder>? services = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        services?.Invoke(builder);

        var texts = new ReplaceableTexts(setup.Texts);
        var flows = new FlowLog();
        builder.Services.AddSingleton<IFlowObserver>(flows);
        builder.Services.AddRoutingCore();
        builder.Services.AddPolicyProxy(options =>
        {
            options.Labels = setup.SubjectLabels;
            options.Namespace = setup.SubjectNamespace;
            options.PolicyPort = setup.Port;
            foreach (var (name, port) in setup.NamedPorts)
            {
                options.NamedPorts[name] = port;
            }

            setup.Options?.Invoke(options);
        }).From(texts);

        var app = builder.Build();
        try
        {
            app.UsePolicyProxy();
            (application ?? Echo)(app);
            await app.StartAsync();
            return new MiddlewareHost(app, texts, flows);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Echo(WebApplication app) => app.Run(static context =>
    {
        context.Response.Headers["x-reached"] = "application";
        var lines = context.Request.Headers.OrderBy(static header => header.Key, StringComparer.OrdinalIgnoreCase)
            .Select(static header => $"{header.Key.ToLowerInvariant()}: {header.Value}");
        return context.Response.WriteAsync(string.Join('\n', lines));
    });
}
