using System.Net;
using PolicyProxy.Conformance;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>
/// One gate, same verdict: the verdict vectors whose peer is a pod that sends an HTTP request to the subject, sent as real requests
/// through each door. Peers are told apart by loopback source addresses, as pods are by theirs.
/// </summary>
public sealed class VectorTests
{
    // In http.jsonl and the other files with inbound HTTP from pods.
    private const int MinimumVectors = 390;

    private static readonly string[] s_doorNames = [nameof(DoorKind.Middleware), nameof(DoorKind.Sidecar)];

    public static TheoryData<string> Doors => [.. s_doorNames];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Http_vector_has_its_verdict_through_a_door(string door)
    {
        var kind = Enum.Parse<DoorKind>(door);
        var vectors = VectorReader.ReadDirectory(PeerObjects.VectorFolder).Where(IsInboundHttp).ToArray();
        Assert.True(vectors.Length >= MinimumVectors, $"only {vectors.Length} vectors");
        var wrong = new List<string>();
        foreach (var group in vectors.GroupBy(v => (string.Join('\n', v.Policies), v.Flow!.Subject.Labels.Text)))
        {
            await RunAsync(kind, [.. group], wrong);
        }

        Assert.Empty(wrong);
    }

    private static async Task RunAsync(DoorKind kind, Vector[] vectors, List<string> wrong)
    {
        foreach (var port in vectors.GroupBy(v => v.Flow!.Port))
        {
            var peers = port.Select(v => v.Flow!.Peer.Labels).Distinct().ToArray();
            var subject = vectors[0].Flow!.Subject;
            await using var door = await DoorClient.StartAsync(kind, new DoorSetup
            {
                Texts = [.. vectors[0].Policies, .. peers.Select(static (labels, number) => PeerObjects.Pod(labels, number, Address(number))), .. PeerObjects.Namespaces(peers)],
                SubjectLabels = string.Join(',', subject.Labels.Labels),
                SubjectNamespace = subject.Labels.Find("k8s", "io.kubernetes.pod.namespace")!,
                NamedPorts = subject.NamedPorts.ToDictionary(p => p.Name, p => (int)p.Port),
                Port = port.Key,
                Options = options => options.CiliumCompatible = true,
            });
            foreach (var vector in port)
            {
                var request = vector.Flow!.Http!;
                var response = await door.SendAsync(new DoorRequest(request.Method, request.Path)
                {
                    Host = request.Host,
                    Headers = [.. request.Headers.Select(h => (h.Name, h.Value))],
                    Source = Address(Array.IndexOf(peers, vector.Flow.Peer.Labels)),
                });
                var expected = vector.Expect.L4 == "denied" ? 0 : vector.Expect.Verdict == "denied" ? 403 : 200;

                // A path that servers read in different ways is refused with 400 rather than 403 (differs-from-cilium.md).
                if (response.Status != expected && (expected, response.Status) != (403, 400))
                {
                    wrong.Add($"{vector.Id}: expected {expected}, was {response.Status}");
                }
            }
        }
    }

    private static bool IsInboundHttp(Vector vector) =>
        vector is { Manifest: null, Expect.Valid: true, Flow: { Direction: TrafficDirection.Ingress, Http: not null, Peer.Address: null } flow }
        && flow.Peer.Labels.Find("k8s", "io.kubernetes.pod.namespace") is not null;

    private static IPAddress Address(int peer) => new([127, 1, (byte)(peer >> 8), (byte)(10 + peer)]);
}
