using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Benchmarks.Gate;

/// <summary>What does one query cost from its bytes to the verdict, with 1, 100 and 10,000 names, and with patterns among them?</summary>
[MemoryDiagnoser]
public class DnsCheckBenchmarks : IDisposable
{
    private readonly char[] _scratch = new char[DnsName.MaxPresentationChars];
    private TestGate _gate = null!;
    private ConnectionPermit _permit;
    private byte[] _hit = [];
    private byte[] _miss = [];

    [Params(1, 100, 10_000)]
    public int Names { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var yaml = new StringBuilder(
            """
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: dns}
            spec:
              endpointSelector: {}
              egress:
              - toPorts:
                - ports: [{port: "53", protocol: ANY}]
                  rules:
                    dns:

            """);
        for (var i = 0; i < Names; i++)
        {
            yaml.Append("        - ").Append(i % 10 == 9 ? $"matchPattern: \"*.zone{i}.example.com\"" : $"matchName: host{i}.example.com").Append('\n');
        }

        _gate = new TestGate(yaml.ToString());
        _permit = _gate.Gate.Preview(new ConnectionTuple
        {
            Direction = TrafficDirection.Egress,
            Subject = _gate.Workload("app=web"),
            Protocol = TransportProtocol.Udp,
            Port = 53,
            Destination = new IPEndPoint(IPAddress.Parse("192.0.2.53"), 53),
        });
        _hit = Query($"host{(Names - 1) / 10 * 10}.example.com");
        _miss = Query("elsewhere.example.net");
        if (!Check(_hit) || Check(_miss))
        {
            throw new InvalidOperationException("the benchmark does not measure what it says");
        }
    }

    [Benchmark(Baseline = true)]
    public bool Allowed() => Check(_hit);

    [Benchmark]
    public bool Denied() => Check(_miss);

    [GlobalCleanup]
    public void Dispose()
    {
        _gate.Dispose();
        GC.SuppressFinalize(this);
    }

    private bool Check(byte[] message) =>
        DnsQuery.TryParse(message, DnsLimits.Default, _scratch, out var query, out _) && _gate.Gate.Check(ref _permit, query).Allowed;

    private static byte[] Query(string name)
    {
        var bytes = new List<byte> { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (var label in name.Split('.'))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        return [.. bytes, 0, 0, 1, 0, 1];
    }
}
