using System.Text.Json.Nodes;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Makes the objects of one case: one to five policies over the <see cref="GeneratedWorld"/>.</summary>
internal sealed class PolicyGenerator(CaseRandom random, CaseHints hints)
{
    private readonly ElementGenerator _elements = new(random, hints);
    private int _count;

    public List<JsonObject> Policies() => random.Some(1, 5, Policy);

    private JsonObject Policy() => random.Weighted(52, 16, 12, 14, 6) switch
    {
        0 => Cilium("cilium.io/v2", "CiliumNetworkPolicy", clusterwide: false, extension: false),
        1 => Cilium("cilium.io/v2", "CiliumClusterwideNetworkPolicy", clusterwide: true, extension: false),
        2 => Kubernetes(),
        3 => Cilium("policyproxy.dev/v1alpha1", "L7NetworkPolicy", clusterwide: false, extension: true),
        _ => Cilium("policyproxy.dev/v1alpha1", "L7ClusterwideNetworkPolicy", clusterwide: true, extension: true),
    };

    private JsonObject Cilium(string version, string kind, bool clusterwide, bool extension)
    {
        var policy = new JsonObject { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = Metadata(clusterwide) };
        if (random.Chance(85))
        {
            policy["spec"] = Rule(clusterwide, extension);
        }
        else
        {
            policy["specs"] = new JsonArray([.. random.Some(1, 2, () => Rule(clusterwide, extension))]);
        }

        return policy;
    }

    private JsonObject Metadata(bool clusterwide)
    {
        var metadata = new JsonObject { ["name"] = $"p{_count++}" };
        if (!clusterwide)
        {
            metadata["namespace"] = random.Chance(85) ? "n1" : "n2";
        }

        return metadata;
    }

    private JsonNode Rule(bool clusterwide, bool extension)
    {
        var rule = new JsonObject { ["endpointSelector"] = random.Chance(60) ? new JsonObject() : _elements.Selector() };
        AddDirection(rule, "ingress", random.Chance(65), new(IsEgress: false, IsDeny: false, extension, clusterwide));
        AddDirection(rule, "egress", random.Chance(65), new(IsEgress: true, IsDeny: false, extension, clusterwide));
        if (rule.Count == 1)
        {
            rule["ingress"] = new JsonArray(new JsonObject());
        }

        if (random.Chance(20))
        {
            rule["enableDefaultDeny"] = random.Chance(80)
                ? new JsonObject { ["ingress"] = random.Chance(30), ["egress"] = random.Chance(30) }
                : new JsonObject { ["egress"] = false };
        }

        return rule;
    }

    private void AddDirection(JsonObject rule, string direction, bool present, ElementGenerator.Place place)
    {
        if (present)
        {
            rule[direction] = new JsonArray([.. random.Some(1, 3, () => _elements.Element(place))]);
        }

        if (random.Chance(15))
        {
            rule[direction + "Deny"] = new JsonArray([.. random.Some(1, 2, () => _elements.Element(place with { IsDeny = true }))]);
        }
    }

    private JsonObject Kubernetes()
    {
        var spec = new JsonObject { ["podSelector"] = random.Chance(60) ? new JsonObject() : _elements.Selector(plainKeys: true) };
        foreach (var (direction, side) in new[] { ("ingress", "from"), ("egress", "to") })
        {
            if (random.Chance(60))
            {
                spec[direction] = new JsonArray([.. random.Some(0, 2, () => KubernetesRule(side))]);
            }
        }

        if (random.Chance(70))
        {
            spec["policyTypes"] = random.Next(3) switch
            {
                0 => new JsonArray("Ingress"),
                1 => new JsonArray("Egress"),
                _ => new JsonArray("Ingress", "Egress"),
            };
        }

        return new JsonObject { ["apiVersion"] = "networking.k8s.io/v1", ["kind"] = "NetworkPolicy", ["metadata"] = Metadata(clusterwide: false), ["spec"] = spec };
    }

    private JsonNode KubernetesRule(string side)
    {
        var rule = new JsonObject();
        if (random.Chance(75))
        {
            rule[side] = new JsonArray([.. random.Some(0, 2, KubernetesPeer)]);
        }

        if (random.Chance(60))
        {
            rule["ports"] = new JsonArray([.. random.Some(1, 2, KubernetesPort)]);
        }

        return rule;
    }

    private JsonNode KubernetesPort()
    {
        var port = _elements.Port(random.Pick(["TCP", "UDP", "", "TCP"]), 53, 80, 443, 8080);
        if (port["port"]!.GetValue<string>() is var text && int.TryParse(text, out var number))
        {
            port["port"] = number;
            if (number == 0)
            {
                port.Remove("port");
                port.Remove("endPort");
            }
        }

        return port;
    }

    private JsonNode KubernetesPeer()
    {
        if (random.Chance(25))
        {
            return new JsonObject { ["ipBlock"] = new JsonObject { ["cidr"] = "10.0.0.0/8", ["except"] = new JsonArray(random.Pick(["10.1.0.0/16", "10.1.1.0/24"])) } };
        }

        var peer = new JsonObject();
        if (random.Chance(75))
        {
            peer["podSelector"] = _elements.Selector(plainKeys: true);
        }

        if (peer.Count == 0 || random.Chance(35))
        {
            peer["namespaceSelector"] = random.Chance(40) ? new JsonObject() : new JsonObject { ["matchLabels"] = new JsonObject { ["env"] = random.Pick(["prod", "test"]) } };
        }

        return peer;
    }
}
