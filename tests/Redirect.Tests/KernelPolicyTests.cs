using System.Net;
using Microsoft.Extensions.Primitives;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.TestKit.Gates;
using PolicyProxy.TestKit.Generation;
using Xunit.Abstractions;

namespace PolicyProxy.Redirect.Tests;

/// <summary>What the kernel looks up is what the gate says.</summary>
public sealed class KernelPolicyTests(ITestOutputHelper output)
{
    private static readonly TransportProtocol[] s_protocols =
        [TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Icmp, TransportProtocol.IcmpV6];

    private static readonly string[] s_addresses =
    [
        "10.1.0.0", "10.1.1.5", "10.1.2.3", "10.1.255.255", "10.2.0.1", "192.0.2.7", "192.0.3.0", "8.8.8.8", "127.0.0.1", "127.9.9.9",
        "255.255.255.255", "2001:db8::7", "2001:db9::1", "::1", "fe80::1", "ff02::1", "1234::",
    ];

    [Fact]
    public void Random_policies_mean_the_same_in_the_kernel_as_at_the_gate()
    {
        var seed = (ulong)Random.Shared.NextInt64();
        output.WriteLine($"seed {seed}");
        var verdicts = new Dictionary<KernelVerdict, int>();
        for (var set = 0UL; set < 60; set++)
        {
            var generated = GeneratedCase.Create(seed + set, 1);
            using var engine = new PolicyEngine(generated.Options);
            engine.Publish(new PolicyInput(generated.Read(out _), [], "test", new CancellationChangeToken(CancellationToken.None)), dropInvalid: true);
            if (set % 2 == 0)
            {
                engine.Identities.SetLocalAddresses([IPAddress.Parse("10.1.2.3"), IPAddress.Parse("2001:db8::7")]);
            }

            var subject = engine.Identities.GetWorkload(LabelSet.Parse("app=a,k8s:io.kubernetes.pod.namespace=n1"));
            using var tables = new KernelTables(KernelPolicy.Compile(engine.State, subject, audit: false));
            var random = new Random((int)(seed ^ set));
            foreach (var address in s_addresses.Concat(KnownAddresses(engine.State)).Select(IPAddress.Parse))
            {
                for (var i = 0; i < 40; i++)
                {
                    Compare(engine, subject, tables, address, random, verdicts);
                }
            }
        }

        output.WriteLine(string.Join(", ", verdicts.Select(v => $"{v.Value} {v.Key}")));
        Assert.Equal(3, verdicts.Count);
    }

    [Fact]
    public void Without_policies_everything_is_denied()
    {
        using var engine = new PolicyEngine(new PolicyCompilerOptions());
        var subject = engine.Identities.GetWorkload(LabelSet.Parse("app=a"));
        using var tables = new KernelTables(KernelPolicy.Compile(engine.State, subject, audit: false));

        Assert.All(s_addresses, address =>
            Assert.Equal(KernelVerdict.Deny, tables.Decide(TrafficDirection.Egress, TransportProtocol.Tcp, IPAddress.Parse(address), 80)));
    }

    [Fact]
    public void Audit_lets_through_what_would_be_denied()
    {
        using var gate = new TestGate(Policies.Egress("- toCIDR: [192.0.2.1/32]"));
        var subject = gate.Workload("app=a");
        using var tables = new KernelTables(KernelPolicy.Compile(gate.Engine.State, subject, audit: true));

        Assert.Equal(KernelVerdict.Allow, tables.Decide(TrafficDirection.Egress, TransportProtocol.Udp, IPAddress.Parse("8.8.8.8"), 53));
    }

    [Fact]
    public void Connections_whose_rules_ask_for_a_server_name_are_redirected()
    {
        using var gate = new TestGate(Policies.Egress("""
            - toCIDR: [192.0.2.0/24]
              toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: ["*.example"]}]
            """));
        using var tables = new KernelTables(KernelPolicy.Compile(gate.Engine.State, gate.Workload("app=a"), audit: false));

        Assert.Equal(KernelVerdict.Proxy, tables.Decide(TrafficDirection.Egress, TransportProtocol.Tcp, IPAddress.Parse("192.0.2.7"), 443));
        Assert.Equal(KernelVerdict.Deny, tables.Decide(TrafficDirection.Egress, TransportProtocol.Tcp, IPAddress.Parse("192.0.2.7"), 80));
        Assert.Equal(KernelVerdict.Deny, tables.Decide(TrafficDirection.Egress, TransportProtocol.Tcp, IPAddress.Parse("192.0.3.7"), 443));
    }

    [Fact]
    public void Many_networks_and_ports_are_few_groups_and_rules()
    {
        var networks = string.Join(",", Enumerable.Range(0, 2_000).Select(i => $"10.{i / 250}.{i % 250}.0/24"));
        var ports = string.Join('\n', Enumerable.Range(0, 40).Select(i => $"    - {{port: \"{1_000 + (i * 3)}\", protocol: TCP}}"));
        using var gate = new TestGate(Policies.Egress($"- toCIDR: [{networks}]\n  toPorts:\n  - ports:\n{ports}"));
        Assert.Empty(gate.First.Diagnostics);
        var policy = KernelPolicy.Compile(gate.Engine.State, gate.Workload("app=a"), audit: false);

        Assert.InRange(policy.Peers.Count, 2_000, 2_010);
        Assert.Equal(2, policy.Peers.Select(static peer => peer.Group).Distinct().Count());
        Assert.InRange(policy.Rules.Count, 40, 60);
        using var tables = new KernelTables(policy);
        Assert.Equal(KernelVerdict.Allow, tables.Decide(TrafficDirection.Egress, TransportProtocol.Tcp, IPAddress.Parse("10.7.249.7"), 1_003));
        Assert.Equal(KernelVerdict.Deny, tables.Decide(TrafficDirection.Egress, TransportProtocol.Tcp, IPAddress.Parse("10.7.249.7"), 1_004));
        Assert.Equal(KernelVerdict.Deny, tables.Decide(TrafficDirection.Egress, TransportProtocol.Tcp, IPAddress.Parse("10.8.0.7"), 1_003));
    }

    private static IEnumerable<string> KnownAddresses(EngineState? state) => state!.Identities.Prefixes()
        .Select(static prefix => KernelAddress.Of(prefix.Bits).ToAddress().ToString())
        .Take(40);

    private static void Compare(
        PolicyEngine engine, Identity subject, KernelTables tables, IPAddress address, Random random, Dictionary<KernelVerdict, int> verdicts)
    {
        var protocol = s_protocols[random.Next(s_protocols.Length)];
        var isIcmp = protocol is TransportProtocol.Icmp or TransportProtocol.IcmpV6;
        int[] likely = isIcmp ? [0, 8, 3, 128, 129, 135, 255] : [0, 1, 53, 79, 80, 81, 443, 8080, 8443, 9092, 65_534, 65_535];
        var port = random.Next(3) > 0 ? likely[random.Next(likely.Length)] : random.Next(isIcmp ? 256 : 65_536);
        var direction = random.Next(2) == 0 ? TrafficDirection.Egress : TrafficDirection.Ingress;
        var permit = new ConnectionPermit
        {
            Tuple = new ConnectionTuple
            {
                Direction = direction,
                Subject = subject,
                Protocol = protocol,
                Port = (ushort)port,
                Source = new IPEndPoint(address, 40_000),
                Destination = new IPEndPoint(address, port),
            },
        };
        permit.JudgeBy(engine.State);
        var expected = !permit.IsAllowed ? KernelVerdict.Deny : permit.Kind == L7Kind.None ? KernelVerdict.Allow : KernelVerdict.Proxy;
        var actual = tables.Decide(direction, protocol, address, port);

        Assert.True(expected == actual, $"{direction} {protocol} {address} port {port}: gate {expected}, kernel {actual}");
        verdicts[actual] = verdicts.GetValueOrDefault(actual) + 1;
    }
}
