using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.FunctionalTests.Interceptors;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar;
using PolicyProxy.TestKit.Flows;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>A secret that a rule sets reaches the application through every door and protocol, and no record of it.</summary>
public sealed class SecretEditTests
{
    private const string Secret = "s3cr3t-bearer";

    private const string Object =
        $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: token, namespace: default}
        stringData: {value: {{Secret}}}
        """;

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Secret_of_a_rule_reaches_the_application_alone(DoorKind kind)
    {
        var setup = ShopPolicies.Setup("""{path: "/", headerMatches: [{name: authorization, secret: {name: token}, mismatch: REPLACE}]}""");
        await using var door = await DoorClient.StartAsync(kind, setup with { Texts = [.. setup.Texts, Object] });
        using var client = new HttpClient(FromAddress.Handler(ShopPolicies.Client));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{door.Address}/");
        request.Headers.TryAddWithoutValidation("authorization", "wrong");

        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains($"authorization: {Secret}", body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("wrong", body, StringComparison.Ordinal);
        var flows = door.Flows.All();
        Assert.NotEmpty(flows);
        Assert.DoesNotContain(flows, static flow => flow.ToString().Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secret_of_a_rule_reaches_a_service_over_http2_through_the_sidecar()
    {
        var setup = ShopPolicies.Setup("""{method: POST, headerMatches: [{name: x-token, secret: {name: token}, mismatch: REPLACE}]}""");
        await using var service = await CallsHost.StartAsync();
        await using var sidecar = await SidecarServer.StartAsync(new SidecarOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Upstream = new Uri($"http://{service.Address}"),
            Labels = LabelSet.Parse(setup.SubjectLabels),
            PolicyPort = (ushort)setup.Port,
            Configure = policies => policies.From(new ReplaceableTexts([.. setup.Texts, Object])),
        });
        using var channel = GrpcChannel.ForAddress(
            $"http://{sidecar.Addresses[0]}", new GrpcChannelOptions { HttpHandler = FromAddress.Handler(ShopPolicies.Client), DisposeHttpClient = true });

        var answer = await CallsHost.CallAsync(new Calls.CallsClient(channel), "Duplex", new Metadata { { "x-token", "wrong" } });

        Assert.Equal($"Duplex|{Secret}", answer);
    }
}
