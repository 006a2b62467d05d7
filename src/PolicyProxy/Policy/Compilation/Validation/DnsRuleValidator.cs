using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates <c>toFQDNs</c> elements and DNS rules (semantics 1.9).</summary>
internal static class DnsRuleValidator
{
    private static readonly string[] s_queryTypes =
    [
        "A", "AAAA", "ANY", "CAA", "CNAME", "DNSKEY", "DS", "HTTPS", "MX", "NAPTR", "NS", "NSEC", "NSEC3", "PTR", "RRSIG", "SOA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT",
    ];

    public static void Fqdn(DnsNameRule rule, ValidationScope scope)
    {
        if (rule.MatchName is not null && rule.MatchPattern is { } pattern)
        {
            scope.Error(PolicyDiagnosticIds.FqdnNameAndPattern, pattern.Span, $"{rule.RulePath} has matchName and matchPattern", "make them two elements");
        }

        CheckNames(rule, scope);
    }

    public static void Query(DnsNameRule rule, ValidationScope scope)
    {
        CheckNames(rule, scope);
        foreach (var type in rule.QueryTypes ?? [])
        {
            if (!IsQueryType(type.Value))
            {
                scope.Error(PolicyDiagnosticIds.QueryType, type.Span, $"DNS query type \"{type.Value}\" is unknown", "use a name such as A, AAAA or TXT, or TYPE followed by a number");
            }
        }

        if (rule.QueryTypes is { Count: 0 })
        {
            scope.Warning(PolicyDiagnosticIds.NeverMatches, rule.Span, $"{rule.RulePath}.queryTypes is empty and matches no query", "remove queryTypes to mean every type");
        }
    }

    /// <summary>A name of the list, or <c>TYPEn</c> of RFC 3597 §5. Case does not matter.</summary>
    private static bool IsQueryType(string text) =>
        s_queryTypes.Contains(text.ToUpperInvariant()) ||
        (text.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase) &&
            ushort.TryParse(text.AsSpan(4), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _));

    private static void CheckNames(DnsNameRule rule, ValidationScope scope)
    {
        if (rule.MatchName is null && rule.MatchPattern is null)
        {
            scope.Warning(PolicyDiagnosticIds.NeverMatches, rule.Span, $"{rule.RulePath} has neither matchName nor matchPattern and matches no name", "write matchPattern: \"*\" for every name");
        }

        if (rule.MatchName is { } name)
        {
            Check(name, DnsNameSyntax.IsName(name.Value), "name", "use letters, digits, '-', '_' and '.'", scope);
        }

        if (rule.MatchPattern is { } pattern)
        {
            Check(pattern, DnsNameSyntax.IsPattern(pattern.Value), "pattern", "use letters, digits, '-', '_', '.' and '*', at most 255 characters", scope);
        }
    }

    private static void Check(Located<string> text, bool valid, string what, string fix, ValidationScope scope)
    {
        if (!valid)
        {
            scope.Error(PolicyDiagnosticIds.DnsName, text.Span, $"\"{text.Value}\" is not a DNS {what}", fix);
        }
        else if (!DnsNameSyntax.FitsSchema(text.Value))
        {
            scope.SchemaNarrower(text.Span, $"DNS {what} \"{text.Value}\" with an empty label, a space or more than 255 characters");
        }
    }
}
