using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>One element of a rule list, as it applies to a subject (semantics 3.2).</summary>
internal sealed record NaiveEntry(bool Deny, bool DefaultDeny, string? Auth, IReadOnlyList<NaiveSelector> Peers, IReadOnlyList<NaivePort> Ports)
{
    /// <summary>Namespace of the policy; "" when clusterwide.</summary>
    public string Namespace { get; init; } = "";

    public bool IsClusterwide { get; init; }
}

/// <summary>One port of an entry with its L7 part. Protocol Any is an entry without ports (L3 only).</summary>
internal sealed record NaivePort(PortKey Key, PortRule? Rule)
{
    private static readonly TransportProtocol[] AnyTransport = [TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Sctp];

    /// <summary>All ports of an element (semantics 4.1).</summary>
    public static IReadOnlyList<NaivePort> Of(DirectionRule element)
    {
        if (element.Icmps is { Count: > 0 } icmps)
        {
            return [.. icmps.SelectMany(i => i.Fields).Select(f => new NaivePort(IcmpKey(f), null))];
        }

        return element.ToPorts is not { Count: > 0 } toPorts
            ? [new NaivePort(new PortKey(null, 0, 0, TransportProtocol.Any), null)]
            : [.. from rule in toPorts
                  from port in rule.Ports
                  from key in Keys(port)
                  select new NaivePort(key, rule)];
    }

    private static IEnumerable<PortKey> Keys(PortProtocol port)
    {
        var protocols = port.Protocol.Value.ToUpperInvariant() switch
        {
            "" or "ANY" => AnyTransport,
            "TCP" => [TransportProtocol.Tcp],
            "UDP" => [TransportProtocol.Udp],
            "SCTP" => [TransportProtocol.Sctp],
            var other => throw new ArgumentException($"protocol {other} passed validation"),
        };
        var text = port.Port.Value;
        if (text.Any(char.IsAsciiLetter))
        {
            return protocols.Select(p => new PortKey(text.ToLowerInvariant(), 0, 0, p));
        }

        var first = text.Length > 1 && text[0] == '0' ? Convert.ToUInt16(text, 8) : text.Length == 0 ? (ushort)0 : ushort.Parse(text);
        var last = port.EndPort > first ? (ushort)port.EndPort : first;
        return protocols.Select(p => new PortKey(null, first, last, p));
    }

    private static PortKey IcmpKey(IcmpField field)
    {
        var isIpv6 = string.Equals(field.Family.Value, "IPv6", StringComparison.Ordinal);
        var type = (ushort)IcmpTypes.Number(field.Type.Value, isIpv6);
        return new PortKey(null, type, type, isIpv6 ? TransportProtocol.IcmpV6 : TransportProtocol.Icmp);
    }
}

/// <summary>The key under which rules merge (semantics 4.5): a name, or a range whose 0-0 means every port.</summary>
internal readonly record struct PortKey(string? Name, ushort First, ushort Last, TransportProtocol Protocol)
{
    private bool IsEveryPort => Name is null && First == 0 && Last == 0;

    /// <summary>Number of ports covered; smaller is more specific, and a name more than its number.</summary>
    public int Size => Name is not null ? 0 : Protocol == TransportProtocol.Any ? 1 << 20 : IsEveryPort ? 1 << 16 : Last - First + 1;

    /// <summary>semantics 4.1: names are looked up on the accepting end, in containers' ports of the same protocol.</summary>
    public bool Covers(FlowQuestion flow)
    {
        if (Protocol != TransportProtocol.Any && Protocol != flow.Protocol)
        {
            return false;
        }

        if (Name is { } name)
        {
            var accepting = flow.Direction == TrafficDirection.Ingress ? flow.Subject : flow.Peer;
            var protocol = flow.Protocol.ToString();
            return accepting.NamedPorts.Any(p =>
                p.Name == name && p.Port == flow.Port && p.Protocol.Equals(protocol, StringComparison.OrdinalIgnoreCase));
        }

        return IsEveryPort || (First <= flow.Port && flow.Port <= Last);
    }
}
