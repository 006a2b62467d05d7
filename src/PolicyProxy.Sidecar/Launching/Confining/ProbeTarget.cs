using System.Net;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>A destination that policy denies to the command, written <c>tcp/192.0.2.1:443</c>.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Address">Address and port.</param>
internal sealed record ProbeTarget(TransportProtocol Protocol, IPEndPoint Address)
{
    public override string ToString() => $"{(Protocol == TransportProtocol.Udp ? "udp" : "tcp")}/{Address}";

    /// <exception cref="EnforcementException">The text is no target.</exception>
    public static ProbeTarget Parse(string text) =>
        text.Split('/', 2) is ["tcp" or "udp", var address] && IPEndPoint.TryParse(address, out var endpoint)
            ? new ProbeTarget(text[0] == 'u' ? TransportProtocol.Udp : TransportProtocol.Tcp, endpoint)
            : throw new EnforcementException($"\"{text}\" is no destination to probe");
}
