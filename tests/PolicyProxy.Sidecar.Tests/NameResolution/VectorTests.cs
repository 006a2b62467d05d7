using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Conformance;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;
using PolicyProxy.TestKit.Judges;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>The verdict vectors of names, with real queries over UDP and TCP through the proxy.</summary>
[Collection(nameof(DatagramTests))]
public sealed class VectorTests
{
    private const string Anything = "192.0.2.1";
    private static readonly IPAddress s_resolver = IPAddress.Parse("127.0.53.53");

    [Fact]
    public async Task Dns_vector_has_its_verdict_through_the_proxy()
    {
        var vectors = Vectors("dns");
        Assert.True(vectors.Length >= 84, $"only {vectors.Length} vectors");
        var wrong = new List<string>();
        foreach (var group in vectors.GroupBy(static v => (string.Join('\n', v.Policies), v.Flow!.Subject.Labels.Text, v.Flow.Peer.Labels.Text, v.Flow.Peer.Address, v.Flow.Port)))
        {
            await AskAsync([.. group], wrong);
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Fqdn_vector_has_its_verdict_once_the_proxy_has_heard_the_answer()
    {
        var vectors = Vectors("fqdn");
        Assert.True(vectors.Length >= 63, $"only {vectors.Length} vectors");
        var wrong = new List<string>();
        foreach (var vector in vectors)
        {
            await LearnAsync(vector, wrong);
        }

        Assert.Empty(wrong);
    }

    private static Vector[] Vectors(string category) =>
        [.. VectorReader.ReadDirectory(PeerObjects.VectorFolder).Where(v => v.Category == category && v is { Manifest: null, Expect.Valid: true, Flow: not null })];

    // A peer that is a pod is the resolver's pod here, any other is at the resolver's address.
    private static async Task AskAsync(Vector[] vectors, List<string> wrong)
    {
        var flow = vectors[0].Flow!;
        var address = flow.Peer.Address ?? s_resolver;
        var isHere = flow.Peer.Address is null;
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address(Anything)), s_resolver, flow.Port);
        await using var bench = await StartAsync(
            flow, new IPEndPoint(s_resolver, flow.Port), vectors[0].Policies.Concat(isHere ? Peer(flow.Peer.Labels) : [])
                .Select(text => isHere ? text : text.Replace(address.ToString(), s_resolver.ToString(), StringComparison.Ordinal)));
        foreach (var vector in vectors)
        {
            var query = DnsBytes.Ask(vector.Flow!.DnsName!, DnsTypes.Number(vector.Flow.DnsType));
            var isAllowed = (await ReplyAsync(bench.V4, vector.Flow.Protocol, query)).EndsWith($"NoError {Anything}", StringComparison.Ordinal);
            if (isAllowed != (vector.Expect.Verdict == "allowed"))
            {
                wrong.Add($"{vector.Id}: expected {vector.Expect.Verdict}");
            }
        }
    }

    private static async Task LearnAsync(Vector vector, List<string> wrong)
    {
        var flow = vector.Flow!;
        await using var resolver = ScriptedResolver.Start(query => query.SendAsync(query.Address(flow.Peer.Address!.ToString())), s_resolver, 53);
        var lookUps = $$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata:
              name: look-ups
              namespace: {{Namespace(flow.Subject.Labels)}}
            spec:
              endpointSelector: {}
              enableDefaultDeny: {egress: false}
              egress:
              - toCIDR: [{{s_resolver}}/32]
                toPorts:
                - ports: [{port: "53", protocol: ANY}]
                  rules: {dns: [{matchPattern: "*"}]}
            """;
        await using var bench = await StartAsync(
            flow, new IPEndPoint(s_resolver, 53), [.. vector.Policies, lookUps, .. flow.Peer.Address is null ? Peer(flow.Peer.Labels) : []]);
        foreach (var name in flow.Peer.DnsNames)
        {
            Assert.EndsWith($"NoError {flow.Peer.Address}", await ReplyAsync(bench.V4, TransportProtocol.Udp, DnsBytes.Ask(name)), StringComparison.Ordinal);
        }

        var verdict = bench.Server.Services.GetRequiredService<PolicyGate>().Connect(
            new ConnectionTuple
            {
                Direction = TrafficDirection.Egress,
                Subject = bench.Server.Services.GetRequiredService<Enforcement.AspNetCore.HttpDoor>().Subject(),
                Destination = new IPEndPoint(flow.Peer.Address ?? s_resolver, flow.Port),
                Protocol = flow.Protocol,
                Port = flow.Port,
            },
            out _);
        if (verdict.Allowed != (vector.Expect.Verdict == "allowed"))
        {
            wrong.Add($"{vector.Id}: expected {vector.Expect.Verdict}, was {verdict.Reason}");
        }
    }

    private static Task<DnsBench> StartAsync(TestKit.Naive.FlowQuestion flow, IPEndPoint resolver, IEnumerable<string> texts) => DnsBench.StartAsync(
        [resolver],
        new DnsProxyOptions(),
        options => options with
        {
            Labels = flow.Subject.Labels,
            CiliumCompatible = true,
            Configure = policies =>
            {
                foreach (var text in texts)
                {
                    policies.FromText(text);
                }
            },
        });

    private static async Task<string> ReplyAsync(IPEndPoint proxy, TransportProtocol protocol, byte[] query)
    {
        if (protocol == TransportProtocol.Udp)
        {
            using var asker = new UdpAsker(proxy);
            return await asker.AskAsync(query);
        }

        try
        {
            using var asker = await TcpAsker.ConnectAsync(proxy);
            return await asker.AskAsync(query);
        }
        catch (IOException)
        {
            return "the connection was refused";
        }
    }

    private static IEnumerable<string> Peer(LabelSet labels) => [PeerObjects.Pod(labels, 0, s_resolver), .. PeerObjects.Namespaces([labels])];

    private static string Namespace(LabelSet labels) => labels.Find("k8s", "io.kubernetes.pod.namespace")!;
}
