namespace PolicyProxy.Policy.Identities;

/// <summary>
/// Selects identities. Two selectors with equal <see cref="Text"/> select the same identities; rules whose selectors have equal
/// texts merge (semantics 4.5). Immutable.
/// </summary>
internal abstract class PeerSelector(string text)
{
    /// <summary>Canonical text.</summary>
    public string Text { get; } = text;

    /// <summary>True for the selector without requirements, which selects every identity.</summary>
    public virtual bool IsWildcard => false;

    public abstract bool Selects(Identity identity);

    /// <summary>True if the selector, which selects the identity, is about it: outside addresses by a network inside the one given, everybody else by labels.</summary>
    public virtual bool SpeaksOf(Identity identity, in IpPrefix network) => !identity.IsWorld && !IsWildcard;

    /// <summary>True if one of the networks is inside the one given and contains the identity's.</summary>
    protected static bool AreInside(IEnumerable<IpPrefix> prefixes, Identity identity, in IpPrefix network)
    {
        foreach (var prefix in prefixes)
        {
            if (identity.Cidr is { } cidr && network.Contains(prefix) && prefix.Contains(cidr))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => Text;
}

/// <summary>Selects every identity (semantics 0.3).</summary>
internal sealed class WildcardSelector() : PeerSelector("*")
{
    public static WildcardSelector Instance { get; } = new();

    public override bool IsWildcard => true;

    public override bool Selects(Identity identity) => true;
}

/// <summary>Selects outside addresses of a network, without the excepted parts (semantics 2.7).</summary>
internal sealed class CidrSelector(IpPrefix prefix, IReadOnlyList<IpPrefix> except)
    : PeerSelector($"cidr:{prefix}{Excepted(except)}")
{
    /// <summary>Networks whose boundaries identities must respect for this selector to be exact.</summary>
    public IEnumerable<IpPrefix> Prefixes => except.Prepend(prefix);

    public override bool SpeaksOf(Identity identity, in IpPrefix network) => AreInside(Prefixes, identity, network);

    public override bool Selects(Identity identity)
    {
        if (!identity.IsWorld || identity.Cidr is not { } cidr || !prefix.Contains(cidr))
        {
            return false;
        }

        return !AnyContains(except, cidr);
    }

    internal static string Excepted(IReadOnlyList<IpPrefix> except) =>
        except.Count == 0 ? string.Empty : $"!{string.Join('!', except.Select(e => e.ToString()).Order(StringComparer.Ordinal))}";

    internal static bool AnyContains(IReadOnlyList<IpPrefix> prefixes, in IpPrefix cidr)
    {
        foreach (var prefix in prefixes)
        {
            if (prefix.Contains(cidr))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Selects outside addresses that belong to named CIDR groups, without the excepted parts (semantics 2.7).</summary>
internal sealed class CidrGroupSelector(string groupText, IReadOnlyList<IpPrefix> members, IReadOnlyList<IpPrefix> except)
    : PeerSelector($"cidrgroup:{groupText}{CidrSelector.Excepted(except)}")
{
    public IEnumerable<IpPrefix> Prefixes => members.Concat(except);

    public override bool SpeaksOf(Identity identity, in IpPrefix network) => AreInside(Prefixes, identity, network);

    public override bool Selects(Identity identity) =>
        identity.IsWorld
        && identity.Cidr is { } cidr
        && CidrSelector.AnyContains(members, cidr)
        && !CidrSelector.AnyContains(except, cidr);
}

/// <summary>Selects addresses learned for a DNS name or pattern (semantics 2.8).</summary>
internal sealed class FqdnSelector(string pattern, bool isPattern) : PeerSelector($"fqdn:{pattern}")
{
    /// <summary>The name or pattern exactly as written: the label's key.</summary>
    public string Pattern { get; } = pattern;

    private readonly FqdnPattern? _pattern = Parse(pattern, isPattern);

    /// <summary>The one name that satisfies it, lower case and without a final dot; null if there can be several.</summary>
    public string? ExactName => _pattern is { Labels: { Kind: LabelPatternKind.Exact, Text: var text } } ? text : null;

    /// <summary>True if a name satisfies the selector.</summary>
    public bool Matches(ReadOnlySpan<char> name) => _pattern?.Matches(name) == true;

    public override bool Selects(Identity identity) => identity.Labels.Contains(Label.FqdnSource, Pattern);

    public override bool SpeaksOf(Identity identity, in IpPrefix network) => false;

    private static FqdnPattern? Parse(string text, bool isPattern) =>
        (isPattern
            ? FqdnPattern.TryParsePattern(text, FqdnPatternUse.ToFqdns, out var pattern, out _)
            : FqdnPattern.TryParseName(text, out pattern, out _))
            ? pattern
            : null;
}
