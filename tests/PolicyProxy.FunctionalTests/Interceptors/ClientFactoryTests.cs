using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace PolicyProxy.FunctionalTests.Interceptors;

/// <summary>Clients of the gRPC client factory need no interceptor: the handler judges what they send.</summary>
public sealed class ClientFactoryTests
{
    [Fact]
    public async Task Handler_judges_the_calls_of_a_client_of_the_factory()
    {
        await using var server = await CallsHost.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddPolicyProxy(static options => options.Labels = "app=web").FromText(
            $$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: web}
            spec:
              endpointSelector: {matchLabels: {app: web} }
              egress:
              - toEntities: [host]
                toPorts:
                - ports: [{port: "{{server.Address.Port}}", protocol: TCP}]
                  rules:
                    http: [{method: POST, path: /calls.Calls/Unary}]
            """);
        builder.Services.AddGrpcClient<Calls.CallsClient>(options => options.Address = new Uri($"http://{server.Address}")).AddPolicyProxy();
        using var host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<Calls.CallsClient>();

        Assert.Equal("Unary", await CallsHost.CallAsync(client, "Unary"));
        var denied = await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(client, "Duplex"));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        await host.StopAsync();
    }
}
