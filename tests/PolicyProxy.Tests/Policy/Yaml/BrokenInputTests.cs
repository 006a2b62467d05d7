using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy.Yaml;

public sealed class BrokenInputTests
{
    private const string Head = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n";

    /// <summary>Spec bodies start in line 5, two columns to the right.</summary>
    [Theory]
    [InlineData("ingress: [{fromEndpoint: [{}]}]", "policy.yaml:6:14: error PP1005: unknown field \"fromEndpoint\" in spec.ingress[0]. Fix: did you mean fromEndpoints?")]
    [InlineData("ingres: [{}]", "policy.yaml:6:3: error PP1005: unknown field \"ingres\" in spec. Fix: did you mean ingress?")]
    [InlineData("ingress: [{fromCidr: [10.0.0.0/8]}]", "policy.yaml:6:14: error PP1005: unknown field \"fromCidr\" in spec.ingress[0]. Fix: did you mean fromCIDR?")]
    [InlineData("ingress: [{toFQDNs: [{matchName: a}]}]", "policy.yaml:6:14: error PP1005: unknown field \"toFQDNs\" in spec.ingress[0]")]
    [InlineData("ingress:\n- toPorts:\n  - ports:\n    - port: 80", "policy.yaml:9:15: error PP1004: spec.ingress[0].toPorts[0].ports[0].port must be a string, found the integer 80. Fix: quote it: \"80\"")]
    [InlineData("ingress: [{toPorts: [{ports: [{port: \"80\", endPort: \"90\"}]}]}]", "error PP1004: spec.ingress[0].toPorts[0].ports[0].endPort must be an integer, found the string \"90\". Fix: remove the quotes")]
    [InlineData("ingress: {}", "policy.yaml:6:12: error PP1004: spec.ingress must be a list, found a mapping. Fix: put \"- \" in front of each element")]
    [InlineData("ingress: [null]", "policy.yaml:6:13: error PP1004: spec.ingress[0] must be a mapping, found null")]
    [InlineData("ingress: [{fromEntities: all}]", "policy.yaml:6:28: error PP1004: spec.ingress[0].fromEntities must be a list, found the string \"all\"")]
    [InlineData("ingress: [{fromEndpoints: [{matchLabels: {on: web}}]}, {fromEndpoints: [{matchLabels: {tier: no}}]}]", "policy.yaml:6:96: error PP1004: spec.ingress[1].fromEndpoints[0].matchLabels[tier] must be a string, found the boolean no. Fix: quote it: \"no\" (an unquoted y, n, yes, no, on or off is a boolean in YAML)")]
    [InlineData("ingress: [{fromEndpoints: [{matchLabels: {app: }}]}]", "must be a string, found null. Fix: write \"\" for the empty string or remove the entry")]
    [InlineData("enableDefaultDeny: {ingress: \"true\"}\ningress: [{}]", "policy.yaml:6:32: error PP1004: spec.enableDefaultDeny.ingress must be a boolean, found the string \"true\"")]
    [InlineData("ingress: [{}]\ningress: [{}]", "policy.yaml:7:3: error PP1003: key \"ingress\" is already given at line 6. Fix: keep one of the two")]
    [InlineData("ingress: [{fromEntities: [moon]}]", "policy.yaml:6:29: error PP1110: entity \"moon\" is unknown. Fix: use one of all, cluster, cluster-mesh, health")]
    [InlineData("ingress: [{fromCIDR: [10.0.0.1]}]", "policy.yaml:6:25: error PP1111: \"10.0.0.1\" is not an address prefix. Fix: write 10.0.0.1/32 for this one address")]
    [InlineData("ingress: [{fromCIDR: [\"2001:db8::1\"]}]", "error PP1111: \"2001:db8::1\" is not an address prefix. Fix: write 2001:db8::1/128 for this one address")]
    [InlineData("ingress: [{fromEndpoints: [{}], fromCIDR: [10.0.0.0/8]}]", "policy.yaml:6:46: error PP1109: spec.ingress[0] combines fromEndpoints and fromCIDR. Fix: give each kind of peer its own rule; rules are OR-ed")]
    [InlineData("egress: [{toPorts: [{ports: [{port: http--x}]}]}]", "policy.yaml:6:39: error PP1202: \"http--x\" is neither a port number nor a service name")]
    [InlineData("egress: [{toPorts: [{ports: [{port: \"\"}]}]}]", "policy.yaml:6:39: error PP1201: spec.egress[0].toPorts[0] has an entry without port")]
    [InlineData("egress: [{toPorts: [{ports: [{port: \"80\", protocol: GRE}]}]}]", "error PP1204: protocol \"GRE\" of spec.egress[0].toPorts[0] is switched off. Fix: use TCP, UDP, SCTP or ANY; ICMP has its own field icmps")]
    [InlineData("ingress:\n- toPorts:\n  - ports: [{port: \"80\"}]\n    rules: {http: [{}]}", "policy.yaml:8:15: error PP1302: spec.ingress[0].toPorts[0] has layer 7 rules on protocol ANY: they need TCP. Fix: write \"protocol: TCP\"")]
    [InlineData("ingress:\n- toPorts:\n  - ports: [{port: \"80\", protocol: TCP}]\n    rules: {http: [{path: \"*\"}]}", "policy.yaml:9:29: error PP1306: spec.ingress[0].toPorts[0].rules.http[0].path \"*\" is not an RE2 expression: ")]
    [InlineData("ingress:\n- toPorts:\n  - ports: [{port: \"80\", protocol: TCP}]\n    rules: {grpc: [{service: a.B}]}", "policy.yaml:9:15: error PP1009: spec.ingress[0].toPorts[0].rules.grpc is not a field of cilium.io/v2. Fix: use apiVersion policyproxy.dev/v1alpha1 with kind L7NetworkPolicy (or L7ClusterwideNetworkPolicy)")]
    [InlineData("egress:\n- toPorts:\n  - ports: [{port: \"9092\", protocol: TCP}]\n    rules: {kafka: [{groupId: g}]}", "policy.yaml:9:24: error PP1009: spec.egress[0].toPorts[0].rules.kafka[0].groupId is not a field of cilium.io/v2")]
    [InlineData("egress:\n- toPorts:\n  - ports: [{port: \"53\", protocol: UDP}]\n    rules: {dns: [{matchName: a, queryTypes: [A]}]}", "policy.yaml:9:36: error PP1009: spec.egress[0].toPorts[0].rules.dns[0].queryTypes is not a field of cilium.io/v2")]
    [InlineData("egress:\n- toPorts:\n  - ports: [{port: \"9092\", protocol: TCP}]\n    rules: {kafka: [{clientId: x}]}", "did you mean clientID?")]
    [InlineData("egress:\n- toPorts:\n  - ports: [{port: \"443\", protocol: TCP}]\n    terminatingTLS: {certificate: c}", "policy.yaml:9:23: error PP1006: spec.egress[0].toPorts[0].terminatingTLS.secret is missing. Fix: name the Secret that holds the certificate")]
    [InlineData("ingress: [{icmps: [{fields: [{family: IPv6}]}]}]", "policy.yaml:6:32: error PP1006: spec.ingress[0].icmps[0].fields[0].type is missing")]
    [InlineData("ingress: [{icmps: [{fields: [{type: Photuris, family: IPv6}]}]}]", "policy.yaml:6:39: error PP1120: \"Photuris\" is not an ICMPv6 type")]
    [InlineData("ingress: [{}]\nlabels: [{value: x}]", "policy.yaml:7:12: error PP1006: spec.labels[0].key is missing. Fix: give the label a key")]
    public void PolicyYamlReader_broken_spec_names_place_value_and_fix(string spec, string expected)
    {
        var messages = ReadingHarness.Diagnose(ReadingHarness.Policy(spec)).Select(static d => d.ToString());

        Assert.Contains(messages, m => m.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Head + "metadata:\n\tname: a\n", "error PP1001: not valid YAML: ")]
    [InlineData(Head + "metadata: {name: a}\nspec: none\n", "policy.yaml:4:7: error PP1004: spec must be a mapping, found the string \"none\"")]
    [InlineData(Head + "metadata: {name: a}\n", "policy.yaml:1:1: error PP1006: the policy has neither spec nor specs. Fix: add a spec")]
    [InlineData(Head + "spec: {endpointSelector: {}, ingress: [{}]}\n", "policy.yaml:1:1: error PP1006: metadata.name is missing. Fix: give the object a name")]
    [InlineData("kind: CiliumNetworkPolicy\nmetadata: {name: a}\n", "policy.yaml:1:1: error PP1006: apiVersion is missing. Fix: start the object with apiVersion and kind")]
    [InlineData(Head + "metadata: {name: a}\nspec: {endpointSelector: {}, ingress: [{}]}\nSpecs: []\n", "policy.yaml:5:1: error PP1005: unknown field \"Specs\" in this object. Fix: did you mean specs?")]
    [InlineData("- a\n", "policy.yaml:1:1: error PP1004: the object must be a mapping, found a list")]
    [InlineData("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolcy\nmetadata: {name: a}\n", "policy.yaml:1:1: error PP1007: unknown kind CiliumNetworkPolcy of cilium.io/v2. Fix: did you mean CiliumNetworkPolicy (cilium.io/v2)?")]
    [InlineData("apiVersion: networking.k8s.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: a}\n", "error PP1007: unknown kind NetworkPolicy of networking.k8s.io/v1beta1. Fix: use apiVersion networking.k8s.io/v1")]
    [InlineData("apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: a}\n", "error PP1007: unknown kind ClusterNetworkPolicy")]
    [InlineData("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n", "warning PP1008: kind Ingress of networking.k8s.io/v1 is not used; the object is skipped")]
    [InlineData("apiVersion: cilium.io/v2\nkind: CiliumEnvoyConfig\nmetadata: {name: a}\n", "warning PP1008: kind CiliumEnvoyConfig of cilium.io/v2 is not used; the object is skipped")]
    [InlineData("a: !include x\n", "policy.yaml:1:4: error PP1010: tag \"!include\" is not supported. Fix: remove the tag; quote the value to make it a string")]
    [InlineData("? {a: b}\n: c\n", "policy.yaml:1:3: error PP1010: a mapping key must be a string, found a mapping")]
    [InlineData("a: \0\n", "policy.yaml:1:1: error PP1001: not valid YAML: the text contains a NUL character. Fix: save the file as UTF-8 text")]
    public void PolicyYamlReader_broken_object_names_place_value_and_fix(string text, string expected)
    {
        var messages = ReadingHarness.Diagnose(text).Select(static d => d.ToString());
        Assert.Empty(ReadingHarness.Read(text).Objects.Policies);

        Assert.Contains(messages, m => m.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void PolicyYamlReader_reports_all_problems_of_all_files_and_keeps_the_good_objects()
    {
        const string Good = Head + "metadata: {name: good}\nspec: {endpointSelector: {}, ingress: [{}]}\n";
        var reading = PolicyYamlReader.Read(
            [
                ("a.yaml", Head + "metadata: {name: one}\nspec: {endpointSelector: {}, ingrss: [{}], egrss: [{}]}\n---\n" + Good),
                ("b.yaml", "a: [\n"),
                ("c.yaml", Head + "metadata: {name: two}\nspec: {endpointSelector: [], ingress: 5}\n"),
            ],
            PolicyReadOptions.Default);

        Assert.Equal(
            ["a.yaml:4 PP1005", "a.yaml:4 PP1005", "b.yaml:2 PP1001", "c.yaml:4 PP1004", "c.yaml:4 PP1004"],
            reading.Diagnostics.Select(static d => $"{d.File}:{d.Line} {d.Id}"));
        Assert.Equal([true, false, true, true], reading.Items.Select(static i => i.Rejected));
        Assert.Equal(("good", 1), (Assert.Single(reading.Objects.Policies).Name, reading.Objects.Policies[0].ObjectIndex));
    }

    [Fact]
    public void PolicyYamlReader_unknown_fields_ignored_warns_and_reads_the_rest()
    {
        var reading = ReadingHarness.Read(ReadingHarness.Policy("ingress: [{fromEndpoint: [{}]}]"), ReadingHarness.Pruning);

        Assert.Equal(
            "policy.yaml:6:14: warning PP1005: unknown field \"fromEndpoint\" in spec.ingress[0]; it is ignored. Fix: did you mean fromEndpoints?",
            Assert.Single(reading.Diagnostics).ToString());
        Assert.Null(Assert.Single(Assert.Single(reading.Objects.Policies).Rules[0].Ingress).Endpoints);
    }

    [Fact]
    public void PolicyYamlReader_secret_that_is_not_base64_is_never_quoted()
    {
        var message = Assert.Single(ReadingHarness.Diagnose("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {token: 'hunter2!'}\n")).ToString();

        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }
}
