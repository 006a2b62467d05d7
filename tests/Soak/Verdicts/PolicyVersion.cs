using System.Globalization;
using System.Text;
using PolicyProxy.Soak.Traffic;

namespace PolicyProxy.Soak.Verdicts;

/// <summary>One of the policies that take turns: as text for the sidecar, and as a plain reading of it for the referee.</summary>
internal sealed class PolicyVersion
{
    public const int Count = 4;

    /// <summary>Rules of odd versions that no request matches: they make the sidecar's tables grow and shrink.</summary>
    private const int IdleRules = 300;

    private static readonly string[] s_alwaysMethods = ["GET", "HEAD", "POST", "PUT"];

    private PolicyVersion(int number) => Number = number;

    public static IReadOnlyList<PolicyVersion> All { get; } = [.. Enumerable.Range(0, Count).Select(static number => new PolicyVersion(number))];

    public int Number { get; }

    private int Next => (Number + 1) % Count;

    private string Method => Number % 2 == 0 ? "GET" : "POST";

    public bool Allows(Exchange exchange)
    {
        if (exchange.IsMalformed)
        {
            return false;
        }

        var segments = exchange.Target.Split('/');
        return segments[1] switch
        {
            "always" => s_alwaysMethods.Contains(exchange.Method),
            "socket" => exchange.Method == "GET",
            "turn" => segments[2] == Text(Number) || segments[2] == Text(Next),
            "probe" => segments[2] == Text(Number),
            "header" => exchange.Level == Number,
            "method" => exchange.Method == Method,
            _ => false,
        };
    }

    public string Yaml()
    {
        var rules = new StringBuilder();
        Rule(rules, "/always/.*", string.Join('|', s_alwaysMethods));
        Rule(rules, "/socket/.*", "GET");
        Rule(rules, $"/turn/{Number}/.*");
        Rule(rules, $"/turn/{Next}/.*");
        Rule(rules, $"/probe/{Number}/.*");
        Rule(rules, "/header/.*", level: Number);
        Rule(rules, "/method/.*", Method);
        for (var i = 0; i < (Number % 2 == 0 ? 0 : IdleRules); i++)
        {
            Rule(rules, i % 3 == 0 ? $"/idle/{i}/[a-z]+/(x|y)*" : $"/idle/{i}");
        }

        return $"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {"{"}name: soak-{Number}{"}"}
            spec:
              endpointSelector: {"{"}matchLabels: {"{"}app: api{"}}"}
              ingress:
              - toPorts:
                - ports: [{"{"}port: "8080", protocol: TCP{"}"}]
                  rules:
                    http:
            {rules}
            """;
    }

    private static void Rule(StringBuilder rules, string path, string? method = null, int? level = null)
    {
        rules.Append(CultureInfo.InvariantCulture, $"        - path: \"{path}\"\n");
        _ = method is null ? rules : rules.Append(CultureInfo.InvariantCulture, $"          method: \"{method}\"\n");
        _ = level is null ? rules : rules.Append(CultureInfo.InvariantCulture, $"          headers: [\"X-Level: {level}\"]\n");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
