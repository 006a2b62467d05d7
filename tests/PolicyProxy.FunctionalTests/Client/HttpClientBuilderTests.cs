using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>The door in clients of a factory.</summary>
public sealed class HttpClientBuilderTests
{
    private const string Policy =
        """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: web, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: web}}
          egress:
          - toEntities: [host]
            toPorts: [{ports: [{port: "1", endPort: 65535, protocol: TCP}], rules: {http: [{path: "/public"}]}}]
        """;

    [Fact]
    public async Task Client_of_a_factory_is_judged_also_when_its_handler_is_configured_later()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var host = await StartAsync(static client => client.AddPolicyProxy().ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler()));
        using var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("web");

        using var allowed = await client.GetAsync(new Uri($"http://localhost:{server.Port}/public"));
        using var denied = await client.GetAsync(new Uri($"http://localhost:{server.Port}/private"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (allowed.StatusCode, denied.StatusCode));
        Assert.Equal(["NoRuleMatched"], denied.Headers.GetValues("x-policyproxy-denied"));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Transport_that_cannot_be_taken_over_is_refused()
    {
        await Refuses(static client => client.AddPolicyProxy().AddPolicyProxy(), "twice");
        await Refuses(static client => client.AddPolicyProxy().ConfigurePrimaryHttpMessageHandler(static () => new HttpClientHandler()), "needs a SocketsHttpHandler");
        await Refuses(
            static client => client.AddPolicyProxy().ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { Proxy = new WebProxy("http://127.0.0.1:9") }),
            "A proxy would resolve names");
        await Refuses(
            static client => client.AddPolicyProxy().ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { ConnectCallback = static (_, _) => default }),
            "ConnectCallback");
        await Refuses(
            static client => client.AddPolicyProxy().ConfigurePrimaryHttpMessageHandler(
                static () => new SocketsHttpHandler { Credentials = new NetworkCredential("a", "b") }),
            "CredentialCache");
    }

    private static async Task Refuses(Action<IHttpClientBuilder> configure, string text)
    {
        using var host = await StartAsync(configure);
        var factory = host.Services.GetRequiredService<IHttpClientFactory>();
        Assert.Contains(text, Assert.Throws<InvalidOperationException>(() => factory.CreateClient("web")).Message, StringComparison.Ordinal);
    }

    private static async Task<IHost> StartAsync(Action<IHttpClientBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddPolicyProxy(static options => options.Labels = "app=web").FromText(Policy);
        configure(builder.Services.AddHttpClient("web"));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
