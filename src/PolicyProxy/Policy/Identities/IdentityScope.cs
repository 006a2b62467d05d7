namespace PolicyProxy.Policy.Identities;

/// <summary>
/// What policies need identities to tell apart: networks whose addresses must not share an identity, the CIDR groups' names, and
/// the DNS selectors whose matches become labels. Immutable.
/// </summary>
internal sealed record IdentityScope
{
    public static IdentityScope Empty { get; } = new();

    public IReadOnlyCollection<IpPrefix> Prefixes { get; init; } = [];

    /// <summary>CIDR groups by name with their networks; each becomes a label of the identities inside.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<IpPrefix> Members)> CidrGroups { get; init; } = [];

    public IReadOnlyCollection<FqdnSelector> FqdnSelectors { get; init; } = [];
}
