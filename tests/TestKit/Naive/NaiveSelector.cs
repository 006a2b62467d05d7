using System.Text.RegularExpressions;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Selects peers. <paramref name="Text"/> is the normalised text: rules merge when it is equal (semantics 4.5).</summary>
internal abstract record NaiveSelector(string Text)
{
    public bool IsWildcard => this is LabelsSelector { Requirements.Count: 0 };

    public abstract bool Selects(FlowParty party);

    public sealed override string ToString() => Text;
}

/// <summary>A label selector; no requirement = everybody (semantics 2.1, 2.2).</summary>
internal sealed record LabelsSelector(IReadOnlyList<Requirement> Requirements)
    : NaiveSelector("labels " + string.Join(" & ", Requirements.Select(r => r.ToString()).Distinct().Order(StringComparer.Ordinal)))
{
    public override bool Selects(FlowParty party) => Requirements.All(r => r.Holds(party.Labels));
}

/// <summary>An address range with holes; selects outside addresses only (semantics 2.7).</summary>
internal sealed record CidrSelector(IpPrefix Prefix, IReadOnlyList<IpPrefix> Except)
    : NaiveSelector($"cidr {Prefix} except {string.Join(' ', Except.Select(e => e.ToString()).Order(StringComparer.Ordinal))}")
{
    public override bool Selects(FlowParty party) =>
        party.Address is { } address && Prefix.Contains(IpPrefix.Host(address)) && !Except.Any(e => e.Contains(IpPrefix.Host(address)));
}

/// <summary>Addresses learned for a DNS name (semantics 2.8).</summary>
internal sealed record FqdnSelector(string Written, Regex? Pattern) : NaiveSelector("fqdn " + Written)
{
    public override bool Selects(FlowParty party) =>
        party.Address is not null && Pattern is not null && party.DnsNames.Any(n => Pattern.IsMatch(DnsPattern.Qualify(n)));
}

/// <summary>Selects nobody; keeps the rule's effect on default deny.</summary>
internal sealed record NobodySelector(string Why) : NaiveSelector("nobody " + Why)
{
    public override bool Selects(FlowParty party) => false;
}
