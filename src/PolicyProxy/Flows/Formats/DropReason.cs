using PolicyProxy.Gate;

namespace PolicyProxy.Flows.Formats;

/// <summary>A drop reason as Hubble knows it: number, enumeration name, and the text its command line prints.</summary>
internal sealed record DropReason(int Number, string Name, string Text)
{
    private static readonly DropReason s_policyDenied = new(133, "POLICY_DENIED", "Policy denied");
    private static readonly DropReason s_invalidPacket = new(134, "INVALID_PACKET_DROPPED", "Invalid packet");
    private static readonly DropReason s_noConfiguration =
        new(165, "NO_CONFIGURATION_AVAILABLE_TO_PERFORM_POLICY_DECISION", "No configuration available to perform policy decision");
    private static readonly DropReason s_notSupported =
        new(180, "PROXY_REDIRECTION_NOT_SUPPORTED_FOR_PROTOCOL", "Proxy redirection not supported for protocol");
    private static readonly DropReason s_policyDeny = new(181, "POLICY_DENY", "Policy denied by denylist");
    private static readonly DropReason s_authenticationRequired = new(189, "AUTH_REQUIRED", "Authentication required");

    /// <summary>The reason Hubble has for a denial of ours (semantics 9.1); the general "Policy denied" where it has no better one.</summary>
    public static DropReason Of(VerdictReason reason) => reason switch
    {
        VerdictReason.DeniedByRule => s_policyDeny,
        VerdictReason.ProtocolError => s_invalidPacket,
        VerdictReason.PolicyError => s_noConfiguration,
        VerdictReason.AuthenticationRequired or VerdictReason.CertificateRefused => s_authenticationRequired,
        VerdictReason.Unsupported => s_notSupported,
        _ => s_policyDenied,
    };
}
