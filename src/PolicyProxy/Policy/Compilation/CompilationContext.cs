using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation;

/// <summary>What the compilation of one policy document needs to know of its surroundings. Collects diagnostics and the identity scope.</summary>
internal sealed class CompilationContext(PolicyCompilerOptions options, PolicyObjects objects)
{
    private readonly HashSet<IpPrefix> _prefixes = [];
    private readonly Dictionary<string, FqdnSelector> _fqdns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<IpPrefix>> _groups = new(StringComparer.Ordinal);

    public PolicyCompilerOptions Options => options;

    public PolicyObjects Objects => objects;

    public List<PolicyDiagnostic> Diagnostics { get; } = [];

    public IdentityScope Scope => new()
    {
        Prefixes = [.. _prefixes.Order(PrefixOrder.Instance)],
        CidrGroups = [.. _groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Value))],
        FqdnSelectors = [.. _fqdns.Values.OrderBy(f => f.Text, StringComparer.Ordinal)],
    };

    /// <summary>Notes the networks a selector tells apart and returns the selector.</summary>
    public T Note<T>(T selector)
        where T : PeerSelector
    {
        switch (selector)
        {
            case CidrSelector cidr:
                _prefixes.UnionWith(cidr.Prefixes);
                break;
            case CidrGroupSelector group:
                _prefixes.UnionWith(group.Prefixes);
                break;
            case CidrGroupLabelSelector group:
                _prefixes.UnionWith(group.Prefixes);
                break;
            case LabelSelector labels:
                _prefixes.UnionWith(labels.Requirements.Where(r => r.Cidr is not null).Select(r => r.Cidr!.Value));
                break;
            case FqdnSelector fqdn:
                _fqdns[fqdn.Text] = fqdn;
                break;
            default:
                break;
        }

        return selector;
    }

    /// <summary>The networks of a CIDR group; empty for a group nobody defined.</summary>
    public IReadOnlyList<IpPrefix> GroupMembers(string name)
    {
        if (!_groups.TryGetValue(name, out var members))
        {
            members = [.. objects.CidrGroups
                .Where(g => g.Name == name)
                .SelectMany(g => g.ExternalCidrs)
                .Select(c => (Ok: IpPrefix.TryParse(c.Value, out var prefix), prefix))
                .Where(c => c.Ok)
                .Select(c => c.prefix)];
            _groups[name] = members;
        }

        return members;
    }

    public void Report(string id, DiagnosticSeverity severity, SourceSpan span, string message, string fix) =>
        Diagnostics.Add(new PolicyDiagnostic(id, severity, message, fix, span.File, span.Line, span.Column));

    public static RuleOrigin Origin(PolicyDocument document, PolicyRule rule, string path, SourceSpan span) =>
        new(document.Kind.ToString(), document.Namespace ?? string.Empty, document.Name, path, span.File, span.Line, span.Column)
        {
            LogValue = rule.LogValue?.Value,
        };

    private sealed class PrefixOrder : IComparer<IpPrefix>
    {
        public static readonly PrefixOrder Instance = new();

        public int Compare(IpPrefix x, IpPrefix y) =>
            x.IsIpv6 != y.IsIpv6 ? x.IsIpv6.CompareTo(y.IsIpv6)
            : x.Length != y.Length ? x.Length.CompareTo(y.Length)
            : x.Bits.CompareTo(y.Bits);
    }
}
