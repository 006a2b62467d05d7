using System.Globalization;
using System.Text.Json.Nodes;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Yaml;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>One set of policies and the flows to ask about.</summary>
internal sealed record GeneratedCase(IReadOnlyList<JsonObject> Policies, IReadOnlyList<FlowQuestion> Flows, PolicyCompilerOptions Options)
{
    private static readonly JsonObject[] Surroundings =
    [
        Parse("""{"apiVersion":"cilium.io/v2","kind":"CiliumCIDRGroup","metadata":{"name":"g1","labels":{"zone":"z1"}},"spec":{"externalCIDRs":["10.1.0.0/16","192.0.2.0/24"]}}"""),
        Parse("""{"apiVersion":"cilium.io/v2","kind":"CiliumCIDRGroup","metadata":{"name":"g2","labels":{"zone":"z2"}},"spec":{"externalCIDRs":["10.1.2.0/24","2001:db8::/32"]}}"""),
        Parse("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"pods","namespace":"n1","labels":{"svc":"yes"}},"spec":{"selector":{"app":"a"}}}"""),
        Parse("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"bare","namespace":"n1"},"spec":{}}"""),
        Parse("""{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"bare","namespace":"n1"},"subsets":[{"addresses":[{"ip":"10.1.1.5"}]}]}"""),
        Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"token","namespace":"n1"},"stringData":{"value":"1"}}"""),
    ];

    /// <summary>Makes a case. The same seed makes the same case.</summary>
    public static GeneratedCase Create(ulong seed, int flows)
    {
        var random = new CaseRandom(seed);
        var hints = new CaseHints();
        var policies = new PolicyGenerator(random, hints).Policies();
        var questions = new FlowGenerator(random, hints);
        var options = new PolicyCompilerOptions
        {
            CiliumCompatible = random.Chance(20),
            Enforcement = random.Weighted(94, 4, 2) switch { 0 => EnforcementMode.Default, 1 => EnforcementMode.Always, _ => EnforcementMode.Never },
        };
        return new GeneratedCase(policies, [.. random.Some(flows, flows, questions.Flow)], options);
    }

    /// <summary>The objects as the product reads them from text. Objects that are not valid have no effect.</summary>
    public PolicyObjects Read(out int rejected)
    {
        var texts = Policies.Concat(Surroundings).Select((p, i) => (i.ToString(CultureInfo.InvariantCulture), p.ToJsonString()));
        var reading = PolicyYamlReader.Read(texts, PolicyReadOptions.Default);
        List<PolicyDiagnostic> diagnostics = [];
        var valid = reading.Objects.Policies.Where(p => PolicyValidator.Validate(p, PolicyValidationOptions.Default, diagnostics)).ToList();
        rejected = Policies.Count - valid.Count;
        return reading.Objects with { Policies = valid };
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
