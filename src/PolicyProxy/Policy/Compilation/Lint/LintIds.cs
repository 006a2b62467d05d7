namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>
/// Every id a lint can carry: valid policies that probably do not mean what was meant. PP20xx: what is selected, PP21xx: HTTP,
/// PP22xx: DNS names. docs/reference/lints.md explains each; a test compares the two.
/// </summary>
internal static class LintIds
{
    /// <summary>Egress is under default deny and nothing allows DNS.</summary>
    public const string EgressWithoutDns = "PP2001";

    /// <summary>An empty endpointSelector selects everything in scope.</summary>
    public const string EmptySubject = "PP2002";

    /// <summary>A toFQDNs name no DNS rule lets through: its addresses are never learned.</summary>
    public const string FqdnWithoutDnsRule = "PP2003";

    /// <summary>A clusterwide policy adds to what a namespaced one says.</summary>
    public const string ClusterwideAlsoApplies = "PP2004";

    /// <summary>A rule without peers and ports allows nothing.</summary>
    public const string IsolatesOnly = "PP2005";

    /// <summary>A policy of deny rules alone also switches default deny on.</summary>
    public const string DenyOnlyIsolates = "PP2006";

    /// <summary>A negative namespace expression reaches beyond the cluster's pods.</summary>
    public const string NegativeNamespace = "PP2007";

    /// <summary>A CIDR contains pods of the inventory, which CIDRs never select.</summary>
    public const string CidrContainsPods = "PP2008";

    /// <summary>A port name towards peers that have no port names.</summary>
    public const string PortNameWithoutPods = "PP2009";

    /// <summary>A pattern that allows everything.</summary>
    public const string MatchesEverything = "PP2101";

    /// <summary>A prefix pattern that also matches longer words.</summary>
    public const string OpenPrefix = "PP2102";

    /// <summary>A star used as in a shell, in a regular expression.</summary>
    public const string GlobStar = "PP2103";

    /// <summary>An unescaped dot in a host name matches any character.</summary>
    public const string UnescapedDot = "PP2104";

    /// <summary>A host pattern without port on a port that clients put into the Host header.</summary>
    public const string HostWithoutPort = "PP2105";

    /// <summary>A path that does not start with a slash never matches.</summary>
    public const string PathWithoutSlash = "PP2106";

    /// <summary>A question mark meant for the query, read as a quantifier.</summary>
    public const string QueryMark = "PP2107";

    /// <summary>An HTTP rule that can never decide.</summary>
    public const string ShadowedRule = "PP2108";

    /// <summary>A wildcard directly below a name under which anybody can register.</summary>
    public const string PublicSuffixWildcard = "PP2201";

    /// <summary>A star in front of a name without a dot.</summary>
    public const string StarWithoutDot = "PP2202";
}
