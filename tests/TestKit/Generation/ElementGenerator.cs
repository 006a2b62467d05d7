using System.Text.Json.Nodes;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Makes the elements of ingress, egress and their deny lists.</summary>
internal sealed class ElementGenerator(CaseRandom random, CaseHints hints)
{
    private static readonly string[] PlainKeys = ["app", "tier"];
    private static readonly string[] AllKeys = [.. PlainKeys, "k8s:app", "k8s:io.kubernetes.pod.namespace", "k8s:io.cilium.k8s.policy.cluster"];

    private static readonly (string Cidr, string Except)[] Holes =
        [("10.0.0.0/8", "10.1.0.0/16"), ("10.1.0.0/16", "10.1.1.0/24"), ("0.0.0.0/0", "10.0.0.0/8"), ("2001:db8::/32", "2001:db8:0:1::/64"), ("10.1.1.0/24", "10.1.1.5/32")];

    private readonly L7Generator _l7 = new(random, hints);

    /// <summary>What an element stands in.</summary>
    internal readonly record struct Place(bool IsEgress, bool IsDeny, bool IsExtension, bool IsClusterwide)
    {
        public string Side => IsEgress ? "to" : "from";
    }

    public JsonNode Element(Place place)
    {
        var element = new JsonObject();
        AddPeers(element, place);
        switch (random.Weighted(20, 68, 8, 4))
        {
            case 1:
                element["toPorts"] = new JsonArray([.. random.Some(1, 2, () => PortRule(place))]);
                break;
            case 2:
                element["icmps"] = new JsonArray(new JsonObject { ["fields"] = new JsonArray([.. random.Some(1, 2, Icmp)]) });
                break;
            case 3:
                element["toPorts"] = random.Chance(50) ? new JsonArray() : new JsonArray(new JsonObject());
                break;
            default:
                break;
        }

        if (!place.IsDeny && random.Chance(4))
        {
            element["authentication"] = new JsonObject { ["mode"] = random.Pick(["required", "disabled", "required", "test-always-fail"]) };
        }

        return element;
    }

    /// <summary>A label selector. <paramref name="plainKeys"/>: without source prefixes, as NetworkPolicies need.</summary>
    public JsonObject Selector(bool plainKeys = false)
    {
        var selector = new JsonObject();
        if (random.Chance(15))
        {
            return selector;
        }

        var labels = new JsonObject();
        if (random.Chance(60))
        {
            labels[Key("app", plainKeys)] = random.Pick(GeneratedWorld.Apps);
        }

        if (random.Chance(25))
        {
            labels[Key("tier", plainKeys)] = random.Pick(GeneratedWorld.Tiers);
        }

        if (!plainKeys && random.Chance(20))
        {
            labels[random.Pick(["k8s:io.kubernetes.pod.namespace", "io.kubernetes.pod.namespace"])] = random.Pick(GeneratedWorld.Namespaces);
        }

        if (!plainKeys && random.Chance(6))
        {
            labels["k8s:io.cilium.k8s.namespace.labels.env"] = random.Pick(["prod", "test"]);
        }

        if (!plainKeys && random.Chance(4))
        {
            labels[random.Pick(["reserved:host", "reserved:world-ipv4", "$remote-node"])] = "";
        }

        if (labels.Count > 0)
        {
            selector["matchLabels"] = labels;
        }

        if (random.Chance(25))
        {
            selector["matchExpressions"] = new JsonArray([.. random.Some(1, 2, () => Expression(plainKeys))]);
        }

        return selector;
    }

    /// <summary>A port with its end and protocol. Request rules need TCP on a numbered or named port.</summary>
    public JsonObject Port(string protocol, params int[] usual)
    {
        var port = new JsonObject();
        var number = random.Pick(usual);
        switch (random.Weighted(70, 12, 12, 6))
        {
            case 0:
                port["port"] = number.ToString();
                break;
            case 1:
                port["port"] = random.Pick(GeneratedWorld.PortNames);
                break;
            case 2:
                port["port"] = Math.Max(1, number - random.Between(0, 10)).ToString();
                port["endPort"] = number + random.Between(-5, 10);
                hints.Ports.Add(number + random.Between(-11, 11));
                break;
            default:
                port["port"] = "0";
                break;
        }

        if (protocol.Length > 0)
        {
            port["protocol"] = protocol;
        }

        return port;
    }

    private string Key(string key, bool plain) => plain ? key : random.Chance(15) ? "k8s:" + key : key;

    private JsonNode Expression(bool plainKeys)
    {
        var key = random.Pick(plainKeys ? PlainKeys : AllKeys);
        var @operator = random.Pick(["In", "NotIn", "Exists", "DoesNotExist"]);
        var expression = new JsonObject { ["key"] = key, ["operator"] = @operator };
        if (@operator is "In" or "NotIn")
        {
            string[] values = key.Contains("namespace") ? GeneratedWorld.Namespaces : key.Contains("cluster") ? ["default", "west"]
                : key.EndsWith("app") ? GeneratedWorld.Apps : GeneratedWorld.Tiers;
            expression["values"] = new JsonArray([.. random.Some(1, 2, () => (JsonNode)random.Pick(values))]);
        }

        return expression;
    }

    private void AddPeers(JsonObject element, Place place)
    {
        var named = place.IsEgress && !place.IsDeny ? 10 : 0;
        switch (random.Weighted(30, 32, 18, 8, 10, named, place.IsEgress ? 3 : 0, 1, 2))
        {
            case 1:
                element[place.Side + "Endpoints"] = new JsonArray([.. random.Some(1, 2, () => (JsonNode)Selector())]);
                break;
            case 2:
                element[place.Side + "Entities"] = new JsonArray([.. random.Some(1, 2, () => (JsonNode)random.Pick(GeneratedWorld.Entities))]);
                break;
            case 3:
                element[place.Side + "CIDR"] = new JsonArray([.. random.Some(1, 2, () => (JsonNode)random.Pick(GeneratedWorld.Prefixes))]);
                break;
            case 4:
                element[place.Side + "CIDRSet"] = new JsonArray([.. random.Some(1, 2, CidrRule)]);
                break;
            case 5:
                element["toFQDNs"] = new JsonArray([.. random.Some(1, 2, Fqdn)]);
                break;
            case 6:
                element["toServices"] = new JsonArray([.. random.Some(1, 2, Service)]);
                break;
            case 7:
                element[place.Side + "Groups"] = new JsonArray(new JsonObject { ["aws"] = new JsonObject { ["securityGroupsIds"] = new JsonArray("sg-1") } });
                break;
            case 8:
                element[place.Side + random.Pick(["Endpoints", "CIDR", "CIDRSet", "Entities", "Groups"])] = new JsonArray();
                break;
            default:
                break;
        }
    }

    private JsonNode CidrRule()
    {
        if (random.Chance(20))
        {
            var group = new JsonObject { ["cidrGroupRef"] = random.Pick(["g1", "g2", "missing"]) };
            if (random.Chance(50))
            {
                group = new JsonObject
                {
                    ["cidrGroupSelector"] = random.Chance(60)
                        ? new JsonObject { ["matchLabels"] = new JsonObject { ["zone"] = random.Pick(["z1", "z2"]) } }
                        : new JsonObject { ["matchExpressions"] = new JsonArray(GroupExpression()) },
                };
            }

            if (random.Chance(30))
            {
                group["except"] = new JsonArray("10.1.1.0/24");
            }

            return group;
        }

        var (cidr, except) = random.Pick(Holes);
        return random.Chance(60)
            ? new JsonObject { ["cidr"] = cidr, ["except"] = new JsonArray(except) }
            : new JsonObject { ["cidr"] = random.Pick(GeneratedWorld.Prefixes) };
    }

    private JsonNode GroupExpression()
    {
        var @operator = random.Pick(["In", "NotIn", "Exists", "DoesNotExist"]);
        var expression = new JsonObject { ["key"] = "zone", ["operator"] = @operator };
        if (@operator is "In" or "NotIn")
        {
            expression["values"] = new JsonArray(random.Pick(["z1", "z2"]));
        }

        return expression;
    }

    private JsonNode Fqdn() => random.Chance(50)
        ? new JsonObject { ["matchName"] = random.Pick(GeneratedWorld.DnsNames) + (random.Chance(15) ? "." : "") }
        : new JsonObject { ["matchPattern"] = random.Pick(["*", "*.one.test", "**.one.test", "*two.test", "a*.one.test", "**.test", "*.*"]) };

    private JsonNode Service() => random.Chance(70)
        ? new JsonObject { ["k8sService"] = new JsonObject { ["serviceName"] = random.Pick(["pods", "bare", "missing"]), ["namespace"] = random.Pick(["n1", "n1", "", "n2"]) } }
        : new JsonObject { ["k8sServiceSelector"] = new JsonObject { ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["svc"] = "yes" } } } };

    private JsonNode Icmp() => random.Weighted(60, 15, 15, 10) switch
    {
        0 => new JsonObject { ["type"] = random.Pick([0, 3, 8]) },
        1 => new JsonObject { ["family"] = "IPv6", ["type"] = "EchoRequest" },
        2 => new JsonObject { ["family"] = "IPv6", ["type"] = random.Pick([0, 129, 135]) },
        _ => new JsonObject { ["family"] = "IPv4", ["type"] = "EchoRequest" },
    };

    /// <summary>The protocol of the L7 part mostly follows from the port, so that rules merge more often than they conflict.</summary>
    private JsonNode PortRule(Place place)
    {
        var rule = new JsonObject();
        if (place.IsDeny || random.Chance(25))
        {
            rule["ports"] = new JsonArray([.. random.Some(1, 2, () => (JsonNode)Port(random.Pick(["TCP", "UDP", "", "TCP", "SCTP"]), 53, 80, 443, 8080, 9092))]);
            return rule;
        }

        var kind = RequestKind.Http;
        switch (random.Weighted(45, 15, place.IsEgress ? 18 : 0, 12, place.IsExtension ? 15 : 0, place.IsEgress ? 2 : 0, 1))
        {
            case 0:
                rule["ports"] = Ports("TCP", 80, 8080);
                rule["rules"] = new JsonObject { ["http"] = random.Chance(6) ? new JsonArray() : _l7.Http() };
                break;
            case 1:
                rule["ports"] = Ports("TCP", 443);
                kind = RequestKind.ServerName;
                rule["serverNames"] = _l7.ServerNames();
                break;
            case 2:
                rule["ports"] = new JsonArray(new JsonObject { ["port"] = random.Chance(90) ? "53" : "dns", ["protocol"] = random.Pick(["ANY", "UDP", "UDP", "TCP"]) });
                kind = RequestKind.Dns;
                rule["rules"] = new JsonObject { ["dns"] = _l7.Dns(place.IsExtension) };
                break;
            case 3:
                rule["ports"] = Ports("TCP", 9092);
                kind = RequestKind.Kafka;
                rule["rules"] = new JsonObject { ["kafka"] = _l7.Kafka(place.IsExtension) };
                break;
            case 4:
                rule["ports"] = Ports("TCP", 8080);
                rule["rules"] = new JsonObject { ["grpc"] = _l7.Grpc() };
                break;
            case 5:
                rule["ports"] = Ports("TCP", 80, 443);
                rule["listener"] = new JsonObject
                {
                    ["envoyConfig"] = new JsonObject { ["kind"] = place.IsClusterwide || random.Chance(50) ? "CiliumClusterwideEnvoyConfig" : "CiliumEnvoyConfig", ["name"] = "e" },
                    ["name"] = random.Pick(["l1", "l2"]),
                    ["priority"] = random.Between(1, 100),
                };
                break;
            default:
                // anything anywhere: mostly a conflict
                rule["ports"] = Ports("TCP", 53, 80, 443, 9092);
                rule["rules"] = new JsonObject { ["http"] = _l7.Http() };
                break;
        }

        foreach (var port in rule["ports"]!.AsArray())
        {
            hints.Targets.Add(new RequestTarget(place.IsEgress, NumberOf(port!["port"]!.GetValue<string>()), kind));
        }

        return rule;
    }

    /// <summary>The number that most pods give a port name.</summary>
    private static int NumberOf(string port) => port switch
    {
        "http" => 8080,
        "web" => 80,
        "dns" => 53,
        _ => int.Parse(port),
    };

    private JsonArray Ports(string protocol, params int[] usual)
    {
        var ports = new JsonArray();
        foreach (var port in random.Some(1, random.Chance(20) ? 2 : 1, () => Port(protocol, usual)))
        {
            // request rules on port 0 are not valid, and on an inverted range they are refused
            if (port["port"]!.GetValue<string>() is var first && first == "0")
            {
                port["port"] = usual[0].ToString();
            }
            else if (port["endPort"] is { } last && last.GetValue<int>() < int.Parse(first))
            {
                port["endPort"] = int.Parse(first) + 1;
            }

            ports.Add((JsonNode)port);
        }

        return ports;
    }
}
