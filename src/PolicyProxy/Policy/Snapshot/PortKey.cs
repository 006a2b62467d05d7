using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// The port part of an entry (semantics 4.1). Port 0 covers every port of the protocol, protocol Any covers everything including ICMP.
/// For ICMP the port is the type. Rules with equal keys and equal selectors merge.
/// </summary>
/// <param name="Protocol">Protocol; Any only for entries without an L4 part.</param>
/// <param name="Port">First port.</param>
/// <param name="EndPort">Last port of a range; 0 when <paramref name="Port"/> is the only one.</param>
/// <param name="Name">Lower-case port name, resolved by the peer's or the subject's container ports; null for numbers.</param>
internal readonly record struct PortKey(TransportProtocol Protocol, ushort Port, ushort EndPort, string? Name)
{
    /// <summary>The key of an entry without an L4 part.</summary>
    public static PortKey All => default;

    /// <summary>How narrow the key is; of two winning entries the narrower one wins (semantics 4.4).</summary>
    public int Specificity => Protocol switch
    {
        TransportProtocol.Any => 0,
        _ when Name is not null => 0x20000,
        _ when Port == 0 => 1,
        _ => 0x20000 - (EndPort == 0 ? 1 : EndPort - Port + 1),
    };

    public bool Covers(TransportProtocol protocol, ushort port, Identity portOwner)
    {
        if (Protocol == TransportProtocol.Any)
        {
            return true;
        }

        if (Protocol != protocol)
        {
            return false;
        }

        if (Name is not null)
        {
            return Resolves(portOwner, port);
        }

        return Port == 0 || (EndPort == 0 ? port == Port : port >= Port && port <= EndPort);
    }

    public override string ToString()
    {
        var protocol = Protocol == TransportProtocol.Any ? "any protocol" : Protocol.ToString().ToUpperInvariant();
        var port = Name ?? (Port == 0 ? "any port" : EndPort == 0 ? $"{Port}" : $"{Port}-{EndPort}");
        return Protocol == TransportProtocol.Any ? "any port" : $"{port}/{protocol}";
    }

    private bool Resolves(Identity owner, ushort port)
    {
        foreach (var named in owner.NamedPorts)
        {
            if (named.Port == port
                && string.Equals(named.Name, Name, StringComparison.OrdinalIgnoreCase)
                && string.Equals(named.Protocol, Protocol.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
