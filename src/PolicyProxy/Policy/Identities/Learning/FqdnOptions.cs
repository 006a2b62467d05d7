namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>How long learned names stand, and how many. Immutable.</summary>
internal sealed record FqdnOptions
{
    /// <summary>Cilium's rules: every address is learned, records live as long as they say.</summary>
    public static FqdnOptions Cilium { get; } = new();

    /// <summary>For verdicts bound to names: an answer cannot open link-local addresses, and none stands longer than a day without being asked again.</summary>
    public static FqdnOptions Strict { get; } = new() { LearnsLinkLocal = false, MaxTtl = TimeSpan.FromDays(1) };

    /// <summary>Shortest time to live taken from a record. Default 0, Cilium's <c>tofqdns-min-ttl</c>.</summary>
    public TimeSpan MinTtl { get; init; }

    /// <summary>Longest time to live taken from a record. Default 2^31 - 1 seconds, the most a record can say (RFC 2181 §8).</summary>
    public TimeSpan MaxTtl { get; init; } = TimeSpan.FromSeconds(int.MaxValue);

    /// <summary>
    /// How long an address stays after its time to live, and after the last connection that held it. Default 60 seconds: Cilium's collector
    /// runs once a minute, so clients have always had about that much. Also the least time between two looks at a held address.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// True also credits the names a CNAME chain leads through with the addresses. Default false as in Cilium (semantics 6.5): the owner of
    /// the name that was asked for says where the chain leads, and should not speak for a name of somebody else.
    /// </summary>
    public bool LearnsAliases { get; init; }

    /// <summary>
    /// True learns link-local addresses, the metadata service of clouds (169.254.169.254) among them. Default true as in Cilium.
    /// Unspecified, loopback, multicast and broadcast addresses are never learned.
    /// </summary>
    public bool LearnsLinkLocal { get; init; } = true;

    /// <summary>
    /// Most addresses of one name; beyond, the one that ends soonest is forgotten. Default 1,000, Cilium's
    /// <c>tofqdns-endpoint-max-ip-per-hostname</c>.
    /// </summary>
    public int MaxAddressesPerName { get; init; } = 1_000;

    /// <summary>
    /// Most pairs of name and address; beyond, the pair that ends soonest is forgotten, those of held addresses last. Default 65,536, about
    /// 40 MB at the worst.
    /// </summary>
    public int MaxEntries { get; init; } = 65_536;
}
