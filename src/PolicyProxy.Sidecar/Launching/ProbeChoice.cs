using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Launching.Confining;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Chooses what a command tries before it starts: destinations that policy denies, and that are nobody's if it does not.</summary>
internal static class ProbeChoice
{
    // RFC 5737, RFC 3849 and RFC 9637: for documentation only.
    private static readonly IPAddress[] s_addresses =
    [
        IPAddress.Parse("192.0.2.1"), IPAddress.Parse("198.51.100.1"), IPAddress.Parse("203.0.113.1"), IPAddress.Parse("2001:db8::1"), IPAddress.Parse("3fff::1"),
    ];

    private static readonly ushort[] s_ports = [443, 80, 9, 65_000];

    /// <summary>At most one for each of TCP and UDP over IPv4 and IPv6; empty when policy denies none of the candidates.</summary>
    /// <param name="engine">The policies in force.</param>
    /// <param name="subject">The command's identity.</param>
    /// <param name="audit">True: nothing is denied.</param>
    public static IReadOnlyList<ProbeTarget> Choose(PolicyEngine engine, Identity subject, bool audit)
    {
        var gate = new PolicyGate(engine, new FlowPublisher(), TimeProvider.System);
        var candidates =
            from protocol in new[] { TransportProtocol.Tcp, TransportProtocol.Udp }
            from port in s_ports
            from address in s_addresses
            let target = new ProbeTarget(protocol, new IPEndPoint(address, port))
            where !audit && IsDenied(gate, subject, target)
            select target;
        return [.. candidates.DistinctBy(t => (t.Protocol, t.Address.AddressFamily))];
    }

    private static bool IsDenied(PolicyGate gate, Identity subject, ProbeTarget target) => !gate.Connect(
        new ConnectionTuple
        {
            Direction = TrafficDirection.Egress,
            Subject = subject,
            Protocol = target.Protocol,
            Port = (ushort)target.Address.Port,
            Destination = target.Address,
        },
        out _).Allowed;
}
