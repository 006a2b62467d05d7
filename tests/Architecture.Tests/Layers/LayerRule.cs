namespace PolicyProxy.Architecture.Tests.Layers;

/// <summary>What the types of one namespace may use. Names are namespaces or full type names; the longest one that fits decides.</summary>
internal sealed record LayerRule(string Namespace)
{
    /// <summary>Besides the namespace itself.</summary>
    public required IReadOnlyList<string> May { get; init; }

    public IReadOnlyList<string> Never { get; init; } = [];

    /// <summary>The uses that break the rules, as one line each. A type is judged by the rule with the longest fitting namespace.</summary>
    public static IReadOnlyList<string> Violations(IReadOnlyList<LayerRule> rules, IEnumerable<TypeUse> uses) =>
        [.. uses
            .Where(use => !use.Used.StartsWith('<') && !use.Used.StartsWith("__", StringComparison.Ordinal)) // made by the compiler or a generator
            .Select(use => (use, rule: rules.Where(rule => Covers(rule.Namespace, use.UserNamespace)).MaxBy(rule => rule.Namespace.Length)))
            .Where(pair => pair.rule is not null && !pair.rule.Allows(pair.use.Used))
            .Select(pair => $"{pair.use.User} uses {pair.use.Used}, which {pair.rule!.Namespace} may not")
            .Distinct()
            .Order(StringComparer.Ordinal)];

    public bool Allows(string used)
    {
        var may = May.Append(Namespace).Where(prefix => Covers(prefix, used)).Select(prefix => prefix.Length).DefaultIfEmpty(-1).Max();
        var never = Never.Where(prefix => Covers(prefix, used)).Select(prefix => prefix.Length).DefaultIfEmpty(-1).Max();
        return may > never;
    }

    private static bool Covers(string prefix, string name) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || name[prefix.Length] == '.');
}
