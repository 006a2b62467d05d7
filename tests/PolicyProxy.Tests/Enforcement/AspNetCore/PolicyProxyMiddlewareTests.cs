using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Tests.Enforcement.AspNetCore;

public sealed class PolicyProxyMiddlewareTests
{
    private const string AllowApi =
        """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - toPorts:
            - ports: [{port: "80", protocol: TCP}]
              rules: {http: [{method: GET, path: "/api/.*", host: "shop[.]example", headers: ["x-team a"]}]}
        """;

    [Fact]
    public async Task Allowed_request_costs_no_allocation()
    {
        const int Requests = 1_000;
        await using var flows = new FlowPublisher();
        using var engine = Engine();
        var reached = 0;
        var middleware = new PolicyProxyMiddleware(
            _ =>
            {
                reached++;
                return Task.CompletedTask;
            },
            Door(engine, flows));
        var context = Context("/api/orders?id=7");
        Run(middleware, context, Requests);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(middleware, context, Requests);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(2 * Requests, reached);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Requests_of_one_connection_may_run_at_the_same_time()
    {
        await using var flows = new FlowPublisher();
        using var engine = Engine();
        var connection = new Connection();
        var middleware = new PolicyProxyMiddleware(static _ => Task.CompletedTask, Door(engine, flows));

        var statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(stream => Task.Run(async () =>
        {
            var wrong = 0;
            for (var i = 0; i < 2_000; i++)
            {
                var context = Context(i % 2 == 0 ? "/api/x" : "/admin", connection);
                await middleware.InvokeAsync(context);
                wrong += context.Response.StatusCode == (i % 2 == 0 ? 200 : 403) ? 0 : 1;
                if (stream == 0 && i % 100 == 0)
                {
                    engine.Publish(Input());
                }
            }

            return wrong;
        })));

        Assert.All(statuses, static wrong => Assert.Equal(0, wrong));
    }

    private static void Run(PolicyProxyMiddleware middleware, HttpContext context, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(middleware.InvokeAsync(context).IsCompletedSuccessfully);
        }
    }

    private static PolicyEngine Engine()
    {
        var engine = new PolicyEngine(new PolicyCompilerOptions());
        var compilation = engine.Publish(Input());
        Assert.Empty(compilation.Diagnostics);
        return engine;
    }

    private static PolicyInput Input()
    {
        using var source = new InMemoryPolicySource([("api.yaml", AllowApi)]);
        return source.GetPolicies();
    }

    private static HttpDoor Door(PolicyEngine engine, FlowPublisher flows)
    {
        var subject = engine.Identities.GetWorkload(LabelSet.Parse("app=api"));
        return new HttpDoor(new PolicyGate(engine, flows, TimeProvider.System), flows, TimeProvider.System)
        {
            Subject = () => subject,
            PolicyPort = 80,
            Denied = new LocalReply(403, grpcStatus: 7, "Access denied"),
        };
    }

    private static DefaultHttpContext Context(string target, Connection? connection = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Scheme = "http";
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Headers.Host = "shop.example";
        context.Request.Headers["X-Team"] = "a";
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        context.Connection.RemoteIpAddress = IPAddress.Parse("127.0.0.2");
        context.Connection.LocalIpAddress = IPAddress.Loopback;
        context.Features.Set<IConnectionItemsFeature>(connection ?? new Connection());
        return context;
    }

    private sealed class Connection : IConnectionItemsFeature
    {
        public IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();
    }
}
