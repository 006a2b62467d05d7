using System.Text;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Policy.Compilation;

/// <summary>Turns the L7 rules of one port rule into matchers' input (semantics 5.1, 6.2, 7.1). An empty rules object is "no L7" (semantics 1.7).</summary>
internal sealed class L7RuleCompiler(CompilationContext context, PolicyDocument document, PolicyRule rule)
{
    private readonly HttpRuleCompiler _http = new(context, document, rule);

    public SelectorPolicy Compile(L7Rules? rules)
    {
        var empty = new SelectorPolicy { Origins = [] };
        if (rules is null || rules.Count == 0)
        {
            return empty;
        }

        if (rules.Http is { Count: > 0 } http)
        {
            return empty with { Parser = L7Kind.Http, Http = [.. http.Select(_http.Compile).DistinctBy(r => r.Text)] };
        }

        if (rules.Grpc is { Count: > 0 } grpc)
        {
            return empty with { Parser = L7Kind.Http, Http = [.. grpc.Select(_http.Compile).DistinctBy(r => r.Text)] };
        }

        return rules.Dns is { Count: > 0 } dns
            ? empty with { Parser = L7Kind.Dns, Dns = [.. dns.Select(Dns).DistinctBy(r => r.Text)] }
            : empty with { Parser = L7Kind.Kafka, Kafka = [.. (rules.Kafka ?? []).Select(Kafka).DistinctBy(r => r.Text)] };
    }

    private static byte[] Ascii(Located<string>? text) => Encoding.ASCII.GetBytes(text?.Value ?? string.Empty);

    private static bool Given(Located<string>? text) => text is { Value.Length: > 0 };

    private DnsMatchRule Dns(DnsNameRule dns)
    {
        var patterns = new List<FqdnPattern>();
        if (Given(dns.MatchName) && FqdnPattern.TryParseName(dns.MatchName!.Value.Value, out var name, out _))
        {
            patterns.Add(name);
        }

        if (Given(dns.MatchPattern) && FqdnPattern.TryParsePattern(dns.MatchPattern!.Value.Value, FqdnPatternUse.DnsRule, out var pattern, out _))
        {
            patterns.Add(pattern);
        }

        var types = dns.QueryTypes?.Select(t => DnsQueryType.TryParse(t.Value, out var number) ? number : (ushort)0).Order().ToArray();
        return new DnsMatchRule
        {
            Patterns = patterns,
            Types = types,
            Origin = CompilationContext.Origin(document, rule, dns.RulePath, dns.Span),
            Text = $"{dns.MatchName?.Value}|{dns.MatchPattern?.Value}|{(types is null ? string.Empty : string.Join(',', types))}",
        };
    }

    private KafkaMatchRule Kafka(KafkaRule kafka)
    {
        short[]? keys = null;
        var role = KafkaRole.None;
        if (Given(kafka.Role) && KafkaApiKeys.TryParseRole(kafka.Role!.Value.Value, out role))
        {
            if (context.Options.CiliumCompatible)
            {
                (keys, role) = ([.. KafkaApiKeys.ExpandRole(role)], KafkaRole.None);
            }
        }
        else if (Given(kafka.ApiKey) && KafkaApiKeys.TryParse(kafka.ApiKey!.Value.Value, out var key))
        {
            keys = [key];
        }

        short? version = Given(kafka.ApiVersion) ? short.Parse(kafka.ApiVersion!.Value.Value, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture) : null;
        return new KafkaMatchRule
        {
            Role = role,
            ApiKeys = keys,
            ApiVersion = version,
            ClientId = Ascii(kafka.ClientId),
            Topic = Ascii(kafka.Topic),
            GroupId = Ascii(kafka.GroupId),
            TransactionalId = Ascii(kafka.TransactionalId),
            Origin = CompilationContext.Origin(document, rule, kafka.RulePath, kafka.Span),
            Text = $"{role}|{(keys is null ? "any" : string.Join(',', keys))}|{version}|{kafka.ClientId?.Value}|{kafka.Topic?.Value}|{kafka.GroupId?.Value}|{kafka.TransactionalId?.Value}",
        };
    }
}
