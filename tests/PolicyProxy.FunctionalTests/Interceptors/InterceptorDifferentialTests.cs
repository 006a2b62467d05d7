using System.Net;
using System.Text;
using Grpc.Core;
using Grpc.Core.Interceptors;
using PolicyProxy.Enforcement.Interceptors;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.FunctionalTests.Doors.Differential;
using PolicyProxy.TestKit.Gates;
using PolicyProxy.TestKit.Http2;
using PolicyProxy.TestKit.Judges;
using PolicyProxy.TestKit.Naive;
using Xunit.Abstractions;

namespace PolicyProxy.FunctionalTests.Interceptors;

/// <summary>
/// One gate, same verdict: ten thousand random requests, made into calls, leave the same verdict records through the interceptors as at the gate.
/// </summary>
public sealed class InterceptorDifferentialTests(ITestOutputHelper output)
{
    private const ulong Seed = 20_261_129;
    private const int Sets = 40;
    private const int RequestsPerSet = 250;
    private const ushort Port = 5000;

    private static readonly Marshaller<string> s_text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    [Fact]
    public void Client_interceptor_leaves_the_verdict_records_of_the_gate()
    {
        var (total, made) = (0, 0);
        for (var set = 0; set < Sets; set++)
        {
            var cases = DoorCases.Create(Seed + (ulong)set, RequestsPerSet);
            var policies = cases.Policies("egress", "toEntities: [host]", "web", Port);
            var calls = cases.Requests.Select(AsCall).ToList();
            using var gate = new TestGate([.. policies]).Observed();
            using var door = new TestGate([.. policies]).Observed();
            Assert.True(gate.First.Succeeded, string.Join('\n', gate.First.Diagnostics));

            var tuple = gate.Egress("app=web", "127.0.0.1", Port) with { Peer = gate.Gate.Reserved("host") };
            _ = gate.Gate.Connect(tuple, out var permit);
            foreach (var call in calls)
            {
                _ = gate.Gate.Check(ref permit, new HttpQuestionRequest(call));
            }

            made += Call(door, calls);
            total += calls.Count;
            var expected = new VerdictLog(gate.Log).Next();
            var actual = new VerdictLog(door.Log).Next();
            Assert.Equal(calls.Count, actual.Count);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second));
        }

        output.WriteLine($"seed {Seed}: {total} calls, {made} made");
        Assert.Equal(Sets * RequestsPerSet, total);
        Assert.InRange(made, total / 20, total * 9 / 10);
    }

    [Fact]
    public async Task Server_interceptor_leaves_the_verdict_records_of_the_gate()
    {
        var first = Ingress(DoorCases.Create(Seed, 1));
        await using var host = await CallsHost.StartAsync(
            new DoorSetup { Texts = first, SubjectLabels = "app=api" }, intercepts: true, route: "/calls.Calls/Unary"); // what is judged is the target as it came
        var log = new VerdictLog(host.Log);
        var (total, made) = (0, 0);
        for (var set = 0; set < Sets; set++)
        {
            var cases = DoorCases.Create(Seed + (ulong)set, RequestsPerSet);
            var policies = Ingress(cases);
            var calls = cases.Requests.Select(AsCall).ToList();
            Assert.True((await host.Texts.ReplaceAsync(host.Services, policies)).Succeeded);
            using var gate = new TestGate([.. policies]).Observed();
            _ = gate.Gate.Connect(gate.Ingress("app=api", "app=client", 8080), out var permit);
            foreach (var call in calls)
            {
                _ = gate.Gate.Check(ref permit, new HttpQuestionRequest(call));
            }

            made += await SendAsync(host.Address, calls);
            total += calls.Count;
            var expected = new VerdictLog(gate.Log).Next();
            var actual = log.Next();
            Assert.Equal(calls.Count, actual.Count);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second));
        }

        output.WriteLine($"seed {Seed}: {total} calls, {made} made");
        Assert.Equal(Sets * RequestsPerSet, total);
        Assert.InRange(made, total / 20, total * 9 / 10);
    }

    private static IReadOnlyList<string> Ingress(DoorCases cases) =>
        [.. cases.Policies("ingress", "fromEndpoints: [{matchLabels: {app: client}}]", "api", 8080), ShopPolicies.Inventory];

    // A gRPC library would write other targets than these; each call is a message without content.
    private static async Task<int> SendAsync(IPEndPoint server, List<HttpQuestion> calls)
    {
        using var connection = await RawHttp2Connection.ConnectAsync(server, ShopPolicies.Client);
        var made = 0;
        foreach (var call in calls)
        {
            var stream = await connection.OpenAsync(HpackBlock.Request(call.Method, call.Path, call.Host, call.Headers.Select(static header => (header.Name, header.Value))), ends: false);
            await connection.WriteAsync(Http2Frame.Data(stream, new byte[5], ends: true));
            var answer = await connection.AnswerAsync(stream);
            Assert.True(answer is { Status: 200, IsOver: true }, $"{call}: {answer.Outcome}");
            Assert.Contains(answer.Field("grpc-status"), (string[])["0", "7"]);
            made += answer.Field("grpc-status") == "0" ? 1 : 0;
        }

        return made;
    }

    private static int Call(TestGate door, List<HttpQuestion> calls)
    {
        var subject = door.Workload("app=web");
        var interceptor = new PolicyProxyClientInterceptor(door.Gate, () => door.Egress("app=web", "127.0.0.1", Port) with
        {
            Subject = subject,
            Peer = door.Gate.Reserved("host"),
            Destination = new IPEndPoint(IPAddress.Loopback, Port),
        });
        var made = 0;
        foreach (var call in calls)
        {
            // The full name of a method is /service/name, whatever the two contain.
            var cut = call.Path.LastIndexOf('/');
            var method = new Method<string, string>(MethodType.Unary, call.Path[1..cut], call.Path[(cut + 1)..], s_text, s_text);
            var metadata = new Metadata();
            foreach (var header in call.Headers.Where(static header => header.Name is not ("content-type" or "te")))
            {
                metadata.Add(header.Name, header.Value);
            }

            var context = new ClientInterceptorContext<string, string>(method, call.Host, new CallOptions(metadata));
            try
            {
                Assert.Equal("made", interceptor.BlockingUnaryCall("ask", context, static (_, _) => "made"));
                made++;
            }
            catch (RpcException denied)
            {
                Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
            }
        }

        return made;
    }

    // What a gRPC library sends in any case, and a path of two parts at least.
    private static HttpQuestion AsCall(HttpQuestion question) => question with
    {
        Method = "POST",
        Path = question.Path.LastIndexOf('/') == 0 ? $"/shop.Cart{question.Path}" : question.Path,
        Headers =
        [
            .. question.Headers
                .Where(static header => header.Name.ToLowerInvariant() is not ("content-type" or "te" or "host") && !header.Name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
                .Select(static header => header with { Name = header.Name.ToLowerInvariant() }),
            new HeaderLine("content-type", "application/grpc"),
            new HeaderLine("te", "trailers"),
        ],
    };
}
