using System.Text;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Tests.Policy.Yaml;

public sealed class PolicyYamlReaderTests
{
    private const string Extension = "apiVersion: policyproxy.dev/v1alpha1\nkind: L7NetworkPolicy";

    [Fact]
    public void PolicyYamlReader_every_field_arrives_with_its_place()
    {
        var document = ReadingHarness.ReadOne("""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata:
              name: web
              annotations: {policyproxy.dev/audit: "true"}
            spec:
              description: text
              endpointSelector:
                matchLabels: {app: web}
                matchExpressions: [{key: tier, operator: In, values: [a, b]}]
              enableDefaultDeny: {ingress: false}
              labels: [x, "k8s:y=z", {key: k, value: v, source: s}]
              log: {value: mark}
              ingress:
              - fromEndpoints: [{}]
                authentication: {mode: required}
                toPorts:
                - ports: [{port: "80", endPort: 90, protocol: TCP}]
                  rules:
                    http:
                    - path: /a
                      headers: [X-A]
                      headerMatches: [{name: X, value: v, mismatch: LOG, secret: {namespace: ns, name: s}}]
              egress:
              - toServices:
                - k8sService: {serviceName: db, namespace: data}
                  k8sServiceSelector: {selector: {matchLabels: {a: b}}}
              egressDeny:
              - toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]
                icmps: [{fields: [{type: 8}, {type: EchoRequest, family: IPv6}]}]
            specs:
            - nodeSelector: {}
              ingress: [{fromGroups: [{aws: {securityGroupsNames: [b], labels: {z: "1", a: "2"}}}]}]
            """);

        Assert.Equal((PolicyKind.CiliumNetworkPolicy, "web", "default", true), (document.Kind, document.Name, document.Namespace, document.Audit));
        Assert.Equal(["spec", "specs[0]"], document.Rules.Select(static r => r.Path));
        var rule = document.Rules[0];
        Assert.Equal(["unspec:x", "k8s:y=z", "s:k=v"], rule.Labels.Select(static l => l.Value));
        Assert.Equal((false, (bool?)null, "mark", "text"), (rule.DefaultDenyIngress, rule.DefaultDenyEgress, rule.LogValue?.Value, rule.Description));
        Assert.Equal(["a", "b"], rule.EndpointSelector!.MatchExpressions[0].Values.Select(static v => v.Value));

        var ingress = rule.Ingress[0];
        Assert.Equal(("spec.ingress[0]", "required"), (ingress.Path, ingress.AuthenticationMode?.Value));
        var port = ingress.ToPorts![0].Ports[0];
        Assert.Equal(("80", 90, "TCP"), (port.Port.Value, port.EndPort, port.Protocol.Value));
        Assert.Equal(new SourceSpan("policy.yaml", 18, 22), port.Port.Span);
        var http = ingress.ToPorts[0].Rules!.Http![0];
        Assert.Equal(("spec.ingress[0].toPorts[0].rules.http[0]", "/a", (string?)null), (http.RulePath, http.Path?.Value, http.Method?.Value));
        Assert.Equal(("X", "v", "LOG", "s"), (http.HeaderMatches[0].Name.Value, http.HeaderMatches[0].Value, http.HeaderMatches[0].Mismatch?.Value, http.HeaderMatches[0].Secret?.Name));

        Assert.Equal(["db", null], rule.Egress[0].Services!.Select(static s => s.ServiceName?.Value));
        Assert.Equal("data", rule.Egress[0].Services![0].Namespace);
        Assert.Equal(["8", "EchoRequest"], rule.EgressDeny[0].Icmps![0].Fields.Select(static f => f.Type.Value));
        Assert.Equal("10.1.0.0/16", rule.EgressDeny[0].CidrSets![0].Except[0].Value);
        Assert.Equal("""{"aws":{"labels":{"a":"2","z":"1"},"securityGroupsNames":["b"]}}""", document.Rules[1].Ingress[0].Groups![0].Value);
    }

    [Fact]
    public void PolicyYamlReader_absent_null_and_empty_lists_stay_apart()
    {
        var rules = ReadingHarness.ReadOne(ReadingHarness.Policy("ingress: [{}, {fromEndpoints: null}, {fromEndpoints: []}]")).Rules[0].Ingress;

        Assert.Null(rules[0].Endpoints);
        Assert.Null(rules[1].Endpoints);
        Assert.Empty(rules[2].Endpoints!);
    }

    [Fact]
    public void PolicyYamlReader_extension_kind_reads_grpc_query_types_and_kafka_groups()
    {
        var document = ReadingHarness.ReadOne(ReadingHarness.Policy(
            """
            egress:
            - toPorts:
              - ports: [{port: "50051", protocol: TCP}]
                rules: {grpc: [{service: shop.v1.Orders, method: Get*, metadata: {tenant: blue}}]}
              - ports: [{port: "53", protocol: UDP}]
                rules: {dns: [{matchPattern: "*.example", queryTypes: [A, AAAA]}]}
              - ports: [{port: "9092", protocol: TCP}]
                rules: {kafka: [{apiKey: joingroup, groupId: g}, {transactionalId: t}]}
            """,
            Extension));
        var ports = document.Rules[0].Egress[0].ToPorts!;

        Assert.True(document.IsExtension);
        var grpc = Assert.Single(ports[0].Rules!.Grpc!);
        Assert.Equal(("shop.v1.Orders", "Get*", "tenant", "blue"), (grpc.Service?.Value, grpc.Method?.Value, grpc.Metadata[0].Key.Value, grpc.Metadata[0].Value.Value));
        Assert.Equal(["A", "AAAA"], ports[1].Rules!.Dns![0].QueryTypes!.Select(static t => t.Value));
        Assert.Equal(("g", "t"), (ports[2].Rules!.Kafka![0].GroupId?.Value, ports[2].Rules!.Kafka![1].TransactionalId?.Value));
    }

    [Fact]
    public void PolicyYamlReader_extension_field_in_cilium_kind_is_an_error_even_when_unknown_fields_are_ignored()
    {
        var text = ReadingHarness.Policy("egress: [{toPorts: [{ports: [{port: \"1\", protocol: TCP}], rules: {grpc: [{}]}}]}]");

        var diagnostic = Assert.Single(ReadingHarness.Read(text, ReadingHarness.Pruning).Diagnostics);

        Assert.Equal((PolicyDiagnosticIds.ExtensionField, DiagnosticSeverity.Error), (diagnostic.Id, diagnostic.Severity));
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: a}, spec: {endpointSelector: {}, ingress: [{}]}}\n- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n- {apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: b}, spec: {endpointSelector: {}, ingress: [{}]}}\n")]
    [InlineData("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicyList\nitems:\n- {metadata: {name: a}, spec: {endpointSelector: {}, ingress: [{}]}}\n- {metadata: {name: x}, spec: 5}\n- {metadata: {name: b}, spec: {endpointSelector: {}, ingress: [{}]}}\n")]
    public void PolicyYamlReader_lists_are_read_item_by_item(string text)
    {
        var reading = ReadingHarness.Read(text);

        Assert.Equal([("a", 0), ("b", 2)], reading.Objects.Policies.Select(static p => (p.Name, p.ObjectIndex)));
        Assert.Equal(3, reading.Items.Count);
    }

    [Fact]
    public void PolicyYamlReader_json_with_tabs_and_escapes_is_read()
    {
        var document = ReadingHarness.ReadOne(
            "{\n\t\"apiVersion\": \"cilium.io\\/v2\",\n\t\"kind\": \"CiliumNetworkPolicy\",\n\t\"metadata\": {\"name\": \"j\\u0061\"},\n\t\"spec\": {\"endpointSelector\": {}, \"ingress\": [{\"toPorts\": [{\"ports\": [{\"port\": \"80\"}]}]}]}\n}\n");

        Assert.Equal("ja", document.Name);
    }

    [Fact]
    public void PolicyYamlReader_aliases_and_merge_keys_are_resolved()
    {
        var document = ReadingHarness.ReadOne("""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: p}
            specs:
            - &base
              endpointSelector: &web {matchLabels: {app: web}}
              ingress: [{fromEndpoints: [*web]}]
            - <<: *base
              ingress: [{}]
            """);

        Assert.Equal("web", document.Rules[0].Ingress[0].Endpoints![0].MatchLabels[0].Value.Value);
        Assert.Equal("web", document.Rules[1].EndpointSelector!.MatchLabels[0].Value.Value);
        Assert.Null(Assert.Single(document.Rules[1].Ingress).Endpoints);
    }

    [Fact]
    public void PolicyYamlReader_inventory_is_read()
    {
        var reading = ReadingHarness.Read("""
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, namespace: shop, labels: {app: web}, annotations: {policyproxy.dev/cluster: west}}
            spec:
              serviceAccountName: sa
              nodeName: n1
              containers:
              - {name: c, image: i, ports: [{name: http, containerPort: 8080}, {containerPort: 9}, {name: dns, containerPort: 53, protocol: UDP}]}
            status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}], phase: Running}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: host}, spec: {hostNetwork: true}, status: {podIP: 192.0.2.1}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: prod}}}
            ---
            {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}, {type: Hostname, address: n1}]}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {ports: [{port: 5432}]}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}}}
            ---
            {apiVersion: v1, kind: Endpoints, metadata: {name: db, namespace: shop}, subsets: [{addresses: [{ip: 198.51.100.1}], notReadyAddresses: [{ip: 198.51.100.9}]}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: db-x, namespace: shop, labels: {kubernetes.io/service-name: db}}
            endpoints: [{addresses: [198.51.100.1, 198.51.100.2]}, {addresses: [198.51.100.3], conditions: {ready: false}}]
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {a: aGk=, b: aGk=}, stringData: {b: plain}}
            ---
            {apiVersion: cilium.io/v2alpha1, kind: CiliumCIDRGroup, metadata: {name: g, labels: {k: v}}, spec: {externalCIDRs: [10.0.0.0/8]}}
            """);
        var objects = reading.Objects;

        Assert.Empty(reading.Diagnostics);
        var pod = objects.Pods[0];
        Assert.Equal(("web-1", "shop", "sa", "west"), (pod.Name, pod.Namespace, pod.ServiceAccount, pod.Cluster));
        Assert.Equal(["10.0.0.1", "fd00::1"], pod.Addresses);
        Assert.Equal([new NamedPort("http", 8080, "TCP"), new NamedPort("dns", 53, "UDP")], pod.NamedPorts);
        Assert.Empty(objects.Pods[1].Addresses);
        Assert.Equal("prod", Assert.Single(objects.Namespaces).Labels["env"]);
        Assert.Equal(["192.0.2.1"], Assert.Single(objects.Nodes).Addresses);
        Assert.Equal(["198.51.100.1", "198.51.100.2"], objects.Services[0].BackendAddresses);
        Assert.Equal("web", objects.Services[1].Selector["app"]);
        Assert.Equal(["hi", "plain"], Assert.Single(objects.Secrets).Data.OrderBy(static d => d.Key).Select(static d => Encoding.UTF8.GetString(d.Value)));
        Assert.Equal("10.0.0.0/8", Assert.Single(objects.CidrGroups).ExternalCidrs[0].Value);
    }
}
