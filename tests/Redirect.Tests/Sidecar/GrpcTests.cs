using PolicyProxy.Redirect.Tests.Run;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>grpc-dotnet, HTTP/2 in the open with prior knowledge, from a redirected workload to a server beyond: every kind of call, and one that is denied.</summary>
[Collection(SidecarCollection.Name)]
public sealed class GrpcTests(World world)
{
    private const int Port = 50_051;
    private const int Server = 4;

    private static string GrpcCalls => typeof(GrpcTests).Assembly.Location.Replace("Redirect.Tests.dll", "GrpcCalls.dll", StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_kind_of_call_passes_and_a_method_that_is_not_allowed_is_denied(bool isIpv6)
    {
        using var server = Outside.Start(world.Network.Namespace, ["dotnet", GrpcCalls, "serve", $"{Port}"]);
        try
        {
            Assert.Equal("serving", await Limited(server.StandardOutput.ReadLineAsync()));
            await using var sidecar = await RunningSidecar.StartAsync(Policies.Egress($$"""
                - toCIDR: ["{{world.Network.V4(Server)}}/32", "{{world.Network.V6(Server)}}/128"]
                  toPorts:
                  - ports: [{port: "{{Port}}", protocol: TCP}]
                    rules:
                      http:
                      - {method: POST, path: '/words\.Words/(Unary|ServerStream|ClientStream|Duplex)'}
                """));

            var host = isIpv6 ? $"[{world.Network.V6(Server)}]" : $"{world.Network.V4(Server)}";
            var output = await sidecar.RunAsync("dotnet", GrpcCalls, "call", $"http://{host}:{Port}");

            Assert.Equal("Unary: a\nServerStream: a a a\nClientStream: a b c\nDuplex: a b c\nSecret: PermissionDenied Access denied", output);
            await server.StandardInput.WriteLineAsync();
            Assert.Equal("Unary ServerStream ClientStream Duplex", await Limited(server.StandardOutput.ReadLineAsync()));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private static Task<string?> Limited(Task<string?> line) => line.WaitAsync(TimeSpan.FromSeconds(60));
}
