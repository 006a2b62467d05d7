using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Reads the <c>protocol</c> text of a port (semantics 1.6). Case does not matter; nothing means any.</summary>
internal static class TransportSyntax
{
    private static readonly string[] s_extended = ["VRRP", "IGMP", "GRE", "IPIP", "IPV6", "ESP", "AH"];

    public static bool TryParse(string text, out TransportProtocol protocol)
    {
        (var known, protocol) = text.ToUpperInvariant() switch
        {
            "" or "ANY" => (true, TransportProtocol.Any),
            "TCP" => (true, TransportProtocol.Tcp),
            "UDP" => (true, TransportProtocol.Udp),
            "SCTP" => (true, TransportProtocol.Sctp),
            _ => (false, TransportProtocol.Any),
        };
        return known;
    }

    /// <summary>IP protocols without ports, which need their own switch.</summary>
    public static bool IsExtended(string text) => s_extended.Contains(text.ToUpperInvariant());
}
