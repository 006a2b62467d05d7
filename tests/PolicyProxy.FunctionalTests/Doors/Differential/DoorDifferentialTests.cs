using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Enforcement.Client;
using PolicyProxy.Flows;
using PolicyProxy.FunctionalTests.Client;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar;
using PolicyProxy.TestKit.Gates;
using PolicyProxy.TestKit.Http;
using PolicyProxy.TestKit.Http2;
using PolicyProxy.TestKit.Judges;
using PolicyProxy.TestKit.Naive;
using Xunit.Abstractions;

namespace PolicyProxy.FunctionalTests.Doors.Differential;

/// <summary>
/// One gate, same verdict: ten thousand random requests under random rules, asked of the gate and sent through the middleware, the HttpClient handler, and the
/// sidecar in both versions of HTTP, leave the same verdict records.
/// </summary>
public sealed class DoorDifferentialTests(ITestOutputHelper output)
{
    private const ulong Seed = 20_261_129;
    private const int Sets = 40;
    private const int RequestsPerSet = 250;

    private static readonly IPAddress s_client = ShopPolicies.Client;

    [Fact]
    public async Task Every_door_leaves_the_same_verdict_record()
    {
        var first = Ingress(DoorCases.Create(Seed, 1));
        await using var middleware = await MiddlewareHost.StartAsync(new DoorSetup { Texts = first, SubjectLabels = "app=api" });
        await using var upstream = await EchoUpstream.StartAsync();
        var texts = new ReplaceableTexts(first);
        var flows = new FlowLog();
        await using var sidecar = await SidecarServer.StartAsync(Options(upstream, texts, flows));
        await using var server = await WebServer.StartAsync(IPAddress.Loopback, HttpProtocols.Http1);

        var (middlewareLog, sidecarLog) = (new VerdictLog(middleware.Flows), new VerdictLog(flows));
        var (total, allowed, ambiguous, handled) = (0, 0, 0, 0);
        for (var set = 0; set < Sets; set++)
        {
            var cases = DoorCases.Create(Seed + (ulong)set, RequestsPerSet);
            var ingress = Ingress(cases);
            Assert.True((await middleware.Texts.ReplaceAsync(middleware.Services, ingress)).Succeeded);
            Assert.True((await texts.ReplaceAsync(sidecar.Services, ingress)).Succeeded);

            var gate = AskGate(cases, ingress);
            var throughMiddleware = SendAllAsync(middleware.Address, cases);
            await SendAllAsync(sidecar.Addresses[0], cases);
            var overHttp1 = sidecarLog.Next();
            await SendAllOverHttp2Async(sidecar.Addresses[0], cases);
            var overHttp2 = sidecarLog.Next();
            var handler = await AskHandlerAsync(cases, server.Port);
            await throughMiddleware;

            AssertSame("middleware", set, gate, middlewareLog.Next());
            AssertSame("sidecar over HTTP/1.1", set, gate, overHttp1);
            AssertSame("sidecar over HTTP/2", set, gate, overHttp2);
            AssertSame("handler", set, [.. cases.Requests.Zip(gate).Where(static pair => IsForHandler(pair.First)).Select(static pair => pair.Second)], handler);
            total += gate.Count;
            allowed += gate.Count(static record => record.Contains(" Forwarded ", StringComparison.Ordinal));
            ambiguous += gate.Count(static record => record.Contains($" {Gate.VerdictReason.AmbiguousRequest} ", StringComparison.Ordinal));
            handled += handler.Count;
        }

        output.WriteLine($"seed {Seed}: {total} requests, {allowed} allowed, {ambiguous} ambiguous, {handled} through the handler");
        Assert.Equal(Sets * RequestsPerSet, total);
        Assert.InRange(allowed, total * 2 / 10, total * 8 / 10);
        Assert.InRange(ambiguous, total / 100, total / 2);
        Assert.InRange(handled, total / 2, total);
    }

    private static void AssertSame(string door, int set, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            Assert.True(expected[i] == actual[i], $"{door}, set {set}, request {i}\n  gate: {expected[i]}\n  door: {actual[i]}");
        }

        Assert.Equal(expected.Count, actual.Count);
    }

    private static IReadOnlyList<string> Ingress(DoorCases cases) =>
        [.. cases.Policies("ingress", "fromEndpoints: [{matchLabels: {app: client}}]", "api", 8080), ShopPolicies.Inventory];

    private static SidecarOptions Options(EchoUpstream upstream, ReplaceableTexts texts, FlowLog flows) => new()
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Upstream = upstream.Uri,
        UpstreamProtocol = UpstreamProtocol.Http1,
        Labels = LabelSet.Parse("app=api"),
        PolicyPort = 8080,
        Configure = policies => policies.From(texts).Services.AddSingleton<IFlowObserver>(flows),
    };

    private static IReadOnlyList<string> AskGate(DoorCases cases, IReadOnlyList<string> texts)
    {
        using var gate = new TestGate([.. texts]).Observed();
        Assert.True(gate.First.Succeeded, string.Join('\n', gate.First.Diagnostics));
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=client", 8080), out var permit);
        foreach (var question in cases.Requests)
        {
            _ = gate.Gate.Check(ref permit, new HttpQuestionRequest(question));
        }

        return new VerdictLog(gate.Log).Next();
    }

    private static async Task SendAllAsync(IPEndPoint door, DoorCases cases)
    {
        var connection = await RawHttpConnection.ConnectAsync(door, s_client);
        foreach (var question in cases.Requests)
        {
            await connection.WriteAsync(DoorCases.Wire(question));
            var response = await connection.ReadAsync(hasBody: question.Method != "HEAD");
            Assert.NotEqual(0, response.Status);
            if (string.Equals(response.Header("connection"), "close", StringComparison.OrdinalIgnoreCase))
            {
                connection.Dispose();
                connection = await RawHttpConnection.ConnectAsync(door, s_client);
            }
        }

        connection.Dispose();
    }

    private static async Task SendAllOverHttp2Async(IPEndPoint door, DoorCases cases)
    {
        using var connection = await RawHttp2Connection.ConnectAsync(door, s_client);
        foreach (var question in cases.Requests)
        {
            var fields = question.Headers.Select(static header => (header.Name.ToLowerInvariant(), header.Value));
            var answer = await connection.AskAsync(HpackBlock.Request(question.Method, question.Path, question.Host, fields));
            Assert.True(answer.Status > 0, $"{question}: {answer.Outcome}");
        }
    }

    // The handler's policies are those of a client that may do what the server admits.
    private static async Task<IReadOnlyList<string>> AskHandlerAsync(DoorCases cases, int port)
    {
        using var gate = new TestGate([.. cases.Policies("egress", "toEntities: [host]", "web", port)]).Observed();
        Assert.True(gate.First.Succeeded, string.Join('\n', gate.First.Diagnostics));
        var subject = gate.Workload("app=web");
        using var handler = new PolicyProxyHandler(gate.Gate, () => subject, new PolicyProxyHandlerOptions(), new SocketsHttpHandler(), TimeProvider.System);
        using var client = new HttpMessageInvoker(handler);
        foreach (var question in cases.Requests.Where(IsForHandler))
        {
            using var request = new HttpRequestMessage(
                new HttpMethod(question.Method),
                new Uri($"http://127.0.0.1:{port}{question.Path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            request.Headers.Host = question.Host;
            foreach (var (name, value) in question.Headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, value))
                {
                    request.Content ??= new ByteArrayContent([]);
                    Assert.True(request.Content.Headers.TryAddWithoutValidation(name, value));
                }
            }

            using var response = await client.SendAsync(request, CancellationToken.None);
        }

        return new VerdictLog(gate.Log).Next();
    }

    // The transport writes known methods in upper case, and content only where a method has some.
    private static bool IsForHandler(HttpQuestion question) =>
        !question.Method.Any(char.IsAsciiLetterLower) && (question.Method is "POST" or "PUT" || question.Headers.All(static header => header.Name != "content-type"));
}
