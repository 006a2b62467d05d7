using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Tests.Flows;

/// <summary>Random flows of every shape, with hostile text. The same seed gives the same flows.</summary>
internal sealed class FlowGenerator(int seed)
{
    private readonly Random _random = new(seed);

    public FlowRecord Next() => new()
    {
        Time = DateTimeOffset.UnixEpoch.AddTicks(_random.NextInt64(TimeSpan.FromDays(40_000).Ticks)),
        Uuid = _random.Next(2) == 0 ? Guid.Empty : new Guid(Bytes(16)),
        Type = Any<FlowType>(),
        Verdict = Any<FlowVerdict>(),
        Reason = Any<VerdictReason>(),
        Direction = Any<TrafficDirection>(),
        Protocol = Any<TransportProtocol>(),
        Match = Any<PolicyMatch>(),
        IsReply = _random.Next(2) == 0,
        Source = Endpoint(),
        Destination = Endpoint(),
        Rule = _random.Next(2) == 0 ? null : Rule(),
        Nearest = _random.Next(2) == 0 ? null : new NearestRule(Rule(), Text()),
        Selecting = [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Rule())],
        PolicyRevision = (ulong)_random.NextInt64(),
        L7 = Layer7(),
        TraceId = Text(),
        Note = Text(),
        Process = _random.Next(2) == 0 ? null : Process(),
    };

    private WorkloadProcess Process() => new()
    {
        Id = _random.Next(),
        Command = Text(),
        UserId = (uint)_random.NextInt64(uint.MaxValue),
        CgroupId = (ulong)_random.NextInt64(),
    };

    private L7Record? Layer7()
    {
        var isResponse = _random.Next(2) == 0;
        var latency = TimeSpan.FromTicks(_random.NextInt64(-10, TimeSpan.TicksPerHour));
        return _random.Next(5) switch
        {
            0 => new HttpRecord(isResponse, latency, _random.Next(-1, 1000), Text(), Text(), Text()),
            1 => new DnsRecord(isResponse, latency, Text(), Text())
            {
                Addresses = Texts(),
                Cnames = Texts(),
                Ttl = (uint)_random.NextInt64(uint.MaxValue),
                ResponseCode = _random.Next(-1, 4096),
            },
            2 => new KafkaRecord(isResponse, latency, Text(), _random.Next(-1, 99), _random.Next(int.MinValue, int.MaxValue), Text(), _random.Next(-1, 100)),
            3 => new TlsRecord(Text()),
            _ => null,
        };
    }

    private FlowEndpoint Endpoint() => new(
        _random.Next(3) switch
        {
            0 => null,
            1 => new IPEndPoint(new IPAddress(Bytes(4)), _random.Next(65536)),
            _ => new IPEndPoint(new IPAddress(Bytes(16), _random.Next(5)), _random.Next(65536)),
        },
        _random.Next(3) == 0 ? null : SampleFlows.Identity((uint)_random.Next(20_000_000), Text(), "k8s:io.kubernetes.pod.namespace=" + Text()),
        Text())
    {
        Names = Texts(),
    };

    private RuleOrigin Rule() => new(Text(), Text(), Text(), Text(), Text(), _random.Next(1, 9999), _random.Next(1, 99)) { LogValue = _random.Next(2) == 0 ? null : Text() };

    private IReadOnlyList<string> Texts() => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Text())];

    private string Text() => string.Create(_random.Next(12), _random, static (span, random) =>
    {
        foreach (ref var c in span)
        {
            c = random.Next(3) == 0 ? (char)random.Next(0x10000) : "a:@/?#\"\\{}\n\u001b"[random.Next(12)];
        }
    });

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private T Any<T>()
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        return values[_random.Next(values.Length)];
    }
}
