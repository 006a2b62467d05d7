using PolicyProxy.Policy.Identities;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Makes flows that lie near the rules of a case.</summary>
internal sealed class FlowGenerator(CaseRandom random, CaseHints hints)
{
    private static readonly string[] Topics = ["orders", "audit", "pay.v1"];
    private static readonly short[] KafkaKeys = [0, 1, 2, 3, 8, 9, 10, 11, 12, 18, 19, 22];

    private readonly RegexGenerator _regexes = new(random);

    /// <summary>Mostly a request where request rules are, otherwise any flow.</summary>
    public FlowQuestion Flow()
    {
        if (hints.Targets.Count > 0 && random.Chance(78))
        {
            var target = random.Pick(hints.Targets);
            var protocol = target.Kind == RequestKind.Dns && random.Chance(80) ? TransportProtocol.Udp : TransportProtocol.Tcp;
            return WithRequest(Between(target.IsEgress ? TrafficDirection.Egress : TrafficDirection.Ingress, protocol, target.Port), target.Kind);
        }

        var any = Any();
        return random.Chance(50) ? any : WithRequest(any, random.Pick(Enum.GetValues<RequestKind>()));
    }

    private FlowQuestion Any()
    {
        var protocol = random.Weighted(66, 13, 6, 10, 5) switch
        {
            0 => TransportProtocol.Tcp,
            1 => TransportProtocol.Udp,
            2 => TransportProtocol.Sctp,
            3 => TransportProtocol.Icmp,
            _ => TransportProtocol.IcmpV6,
        };
        var port = protocol switch
        {
            TransportProtocol.Icmp => random.Pick([0, 3, 8, 8]),
            TransportProtocol.IcmpV6 => random.Pick([0, 128, 129, 135]),
            _ => random.Pick(hints.Ports),
        };
        return Between(random.Chance(50) ? TrafficDirection.Ingress : TrafficDirection.Egress, protocol, port);
    }

    private FlowQuestion Between(TrafficDirection direction, TransportProtocol protocol, int port) => new()
    {
        Direction = direction,
        Subject = random.Chance(70) ? random.Pick(GeneratedWorld.Subjects[..2]) : random.Pick(GeneratedWorld.Subjects),
        Peer = direction == TrafficDirection.Egress && random.Chance(30) ? random.Pick(GeneratedWorld.OutsideAddresses) : random.Pick(GeneratedWorld.Peers),
        Protocol = protocol,
        Port = (ushort)Math.Clamp(port, 0, ushort.MaxValue),
    };

    /// <summary>Adds a request; sometimes one that does not belong there, or none.</summary>
    private FlowQuestion WithRequest(FlowQuestion flow, RequestKind kind) => (random.Chance(3) ? (RequestKind)random.Next(5) : kind) switch
    {
        _ when flow.Protocol is not (TransportProtocol.Tcp or TransportProtocol.Udp) => flow,
        RequestKind.Http => flow with { Http = Http() },
        RequestKind.Dns => flow with { DnsName = Name(hints.DnsNames), DnsType = random.Pick(["A", "AAAA", "TXT", "A"]) },
        RequestKind.ServerName => flow with { ServerName = random.Chance(6) ? "" : Name(hints.ServerNames) },
        RequestKind.Kafka => flow with { Kafka = Kafka() },
        _ => flow,
    };

    private string Name(List<string> names)
    {
        var name = random.Pick(names);
        return random.Weighted(60, 10, 10, 8, 6, 6) switch
        {
            1 => name.ToUpperInvariant(),
            2 => random.Pick(["a", "x", "www", "a.b"]) + "." + name,
            3 => name + ".",
            4 => name[(name.IndexOf('.') + 1)..],
            5 => random.Pick(["a" + name, "sub-" + name, "test", "xn--a." + name]),
            _ => name,
        };
    }

    private KafkaQuestion Kafka()
    {
        var key = random.Chance(60) ? random.Pick<short>([0, 1, 3, 11]) : random.Pick(KafkaKeys);
        return new KafkaQuestion(key, (short)random.Next(3), random.Pick([null, "", "loader", "reader"]), [.. random.Some(0, 3, () => random.Pick(Topics)).Distinct()])
        {
            GroupId = random.Pick([null, "g1", "g2"]),
            TransactionalId = random.Pick([null, "x1", "x2"]),
        };
    }

    private HttpQuestion Http()
    {
        var hint = hints.Http.Count > 0 && random.Chance(92)
            ? random.Pick(hints.Http)
            : new HttpQuestion("GET", "/" + _regexes.Text(), "api.shop", []);
        var request = hint with { Path = Plain(hint.Path), Headers = [.. hint.Headers.Where(_ => random.Chance(80))] };
        for (var changes = random.Weighted(50, 35, 15); changes > 0; changes--)
        {
            request = Change(request);
        }

        return request;
    }

    private HttpQuestion Change(HttpQuestion request) => random.Weighted(25, 20, 15, 10, 15, 15) switch
    {
        0 => request with { Method = random.Pick(["GET", "POST", "PUT", "HEAD", "PATCH"]) },
        1 => request with { Path = Plain(request.Path + random.Pick(["/", "?x=1", "a", "/b", ".", "1"])) },
        2 => request with { Path = Plain(request.Path.Length > 1 ? request.Path.Remove(random.Between(1, request.Path.Length - 1), 1) : "/x") },
        3 => request with { Host = random.Pick(["api.shop", "API.SHOP", "api.shop:8080", "x.shop", "", "apiXshop"]) },
        4 => request with { Headers = [.. request.Headers, new HeaderLine(random.Pick(["X-T", "x-t", "X-K", "X-Other"]), random.Pick(["1", "2", "", "9"]))] },
        _ => request with { Path = Plain(random.Chance(50) ? request.Path.ToUpperInvariant() : "/" + _regexes.Text()) },
    };

    /// <summary>Only targets that every server reads alike: whether the others are refused is the path's own test, not policy's.</summary>
    private static string Plain(string path)
    {
        var question = path.IndexOf('?');
        var (before, query) = question < 0 ? (path, "") : (path[..question], path[question..]);
        var segments = before.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(s => s[0] != '.');
        var end = before.Length > 1 && before.EndsWith('/') && segments.Any() ? "/" : "";
        return "/" + string.Join('/', segments) + end + query;
    }
}
