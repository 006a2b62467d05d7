using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PolicyProxy.Flows;

namespace PolicyProxy.Benchmarks.Middleware;

/// <summary>What does the middleware add to an allowed request, nobody observing and with a flow log?</summary>
[MemoryDiagnoser]
public class MiddlewareBenchmarks
{
    private readonly DefaultHttpContext _context = new();
    private RequestDelegate _bare = null!;
    private RequestDelegate _judged = null!;
    private RequestDelegate _observed = null!;

    /// <summary>HTTP rules of the policy; the request matches the last one.</summary>
    [Params(1, 100)]
    public int Rules { get; set; }

    /// <summary>Builds the three pipelines.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _context.Request.Method = "GET";
        _context.Request.Scheme = "http";
        _context.Request.Protocol = "HTTP/1.1";
        _context.Request.Headers.Host = "shop.example";
        _context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = $"/api/{Rules}/orders?id=7";
        _context.Connection.RemoteIpAddress = IPAddress.Parse("127.0.0.2");
        _context.Connection.LocalIpAddress = IPAddress.Loopback;
        _context.Features.Set<IConnectionItemsFeature>(new Connection());
        _bare = static _ => Task.CompletedTask;
        _judged = Pipeline(null);
        _observed = Pipeline(new FlowLog());
    }

    /// <summary>The pipeline without the middleware.</summary>
    [Benchmark(Baseline = true)]
    public Task WithoutMiddleware() => _bare(_context);

    /// <summary>The request is judged and allowed.</summary>
    [Benchmark]
    public Task Allowed() => _judged(_context);

    /// <summary>The same, with a request flow and a response flow kept in a ring.</summary>
    [Benchmark]
    public Task AllowedAndObserved() => _observed(_context);

    private RequestDelegate Pipeline(FlowLog? log)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        if (log is not null)
        {
            services.AddSingleton<IFlowObserver>(log);
        }

        services.AddPolicyProxy(static options =>
        {
            options.Labels = "app=api";
            options.PolicyPort = 80;
        }).FromText(Policy());
        var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            service.StartingAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        var app = new ApplicationBuilder(provider);
        app.UsePolicyProxy();
        app.Run(_bare);
        return app.Build();
    }

    private string Policy() =>
        $$$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - toPorts:
            - ports: [{port: "80", protocol: TCP}]
              rules:
                http: [{{{string.Join(", ", Enumerable.Range(1, Rules).Select(static i => $"{{method: GET, path: \"/api/{i}/.*\"}}"))}}}]
        """;

    private sealed class Connection : IConnectionItemsFeature
    {
        public IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();
    }
}
