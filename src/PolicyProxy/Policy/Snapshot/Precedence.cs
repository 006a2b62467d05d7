using PolicyProxy.Gate;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>The precedence number of an entry: of all that cover a connection the highest decides (semantics 4.2).</summary>
internal static class Precedence
{
    public const int Deny = 255;
    public const int PlainAllow = 1;

    // Listener priorities of Cilium, subtracted from 255: HTTP 101, Kafka 106, TLS 116, DNS 121, custom listener 126.
    private const int Http = 154;
    private const int Kafka = 149;
    private const int Tls = 139;
    private const int Dns = 134;
    private const int DefaultListener = 129;

    // All rules of CNP, CCNP and NetworkPolicy share the Normal tier; what default deny adds stands below it (semantics 1.13, 3.3).
    private const int NormalTier = 0x100;

    public static int Of(bool deny, L7Kind parser, int listenerPriority, bool defaultTier)
    {
        var value = deny ? Deny : parser switch
        {
            L7Kind.Http => Http,
            L7Kind.Kafka => Kafka,
            L7Kind.Tls => Tls,
            L7Kind.Dns => Dns,
            L7Kind.Listener => listenerPriority > 0 ? 255 - listenerPriority : DefaultListener,
            _ => PlainAllow,
        };
        return defaultTier ? value : value + NormalTier;
    }
}
