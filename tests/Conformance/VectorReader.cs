using System.Net;
using System.Text.Json;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.Conformance;

/// <summary>Reads vector files.</summary>
internal static class VectorReader
{
    private const string LocalCluster = "default";

    /// <summary>All vectors of all <c>*.jsonl</c> files of a directory, in file and line order.</summary>
    public static IEnumerable<Vector> ReadDirectory(string directory) =>
        Directory.EnumerateFiles(directory, "*.jsonl").Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines).Where(line => line.Length > 0).Select(Parse);

    /// <summary>Reads one line.</summary>
    public static Vector Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var flow = root.TryGetProperty("flow", out var f) ? f : (JsonElement?)null;
        return new Vector(root.GetProperty("id").GetString()!, root.GetProperty("category").GetString()!)
        {
            Policies = Texts(root, "policies"),
            Manifest = Text(root, "manifest"),
            Flow = flow is { } given ? Flow(root, given) : null,
            Expect = Expect(root.GetProperty("expect")),
        };
    }

    private static Expectation Expect(JsonElement json) => new()
    {
        Valid = json.GetProperty("valid").GetBoolean(),
        SchemaRejects = Text(json, "schema") == "rejects",
        Rejected = json.TryGetProperty("rejected", out var rejected)
            ? [.. rejected.EnumerateArray().Select(r => r.GetProperty("index").GetInt32())]
            : null,
        Enforced = json.TryGetProperty("enforced", out var enforced) ? enforced.GetBoolean() : null,
        L4 = Text(json, "l4"),
        L7Protocol = Text(json, "l7protocol"),
        L7 = Text(json, "l7"),
        Verdict = Text(json, "verdict"),
        Auth = Text(json, "auth"),
        HeadersAfter = json.TryGetProperty("headersAfter", out var headers) ? Headers(headers) : null,
    };

    private static FlowQuestion Flow(JsonElement root, JsonElement json) => new()
    {
        Direction = Text(json, "direction") == "ingress" ? TrafficDirection.Ingress : TrafficDirection.Egress,
        Subject = Pod(root.GetProperty("endpoint")),
        Peer = Peer(root.GetProperty("peer")),
        Protocol = Enum.Parse<TransportProtocol>(Text(json, "protocol")!, ignoreCase: true),
        Port = json.GetProperty("port").GetUInt16(),
        Http = json.TryGetProperty("http", out var http) ? Http(http) : null,
        DnsName = Text(json, "dns"),
        ServerName = Text(json, "sni"),
        Kafka = json.TryGetProperty("kafka", out var kafka) ? Kafka(kafka) : null,
    };

    private static HttpQuestion Http(JsonElement json) => new(
        Text(json, "method") ?? "",
        Text(json, "path") ?? "",
        Text(json, "host") ?? "",
        json.TryGetProperty("headers", out var headers) ? Headers(headers) : []);

    private static KafkaQuestion Kafka(JsonElement json) => new(
        json.GetProperty("apiKey").GetInt16(), json.GetProperty("apiVersion").GetInt16(), Text(json, "clientId"), Texts(json, "topics"))
    {
        // behind the 4-byte length
        Frame = Text(json, "requestHex") is { } hex ? Convert.FromHexString(hex).AsMemory(4) : null,
    };

    private static FlowParty Peer(JsonElement json)
    {
        switch (Text(json, "kind"))
        {
            case "pod":
                return Pod(json);
            case "ip":
                var address = IPAddress.Parse(Text(json, "ip")!);
                var world = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "world-ipv4" : "world-ipv6";
                return new FlowParty(Reserved(world)) { Address = address, DnsNames = Texts(json, "fqdns") };
            default:
                var entity = Text(json, "entity")!;
                return new FlowParty(entity == "kube-apiserver" ? Reserved("kube-apiserver", "remote-node") : Reserved(entity));
        }
    }

    private static LabelSet Reserved(params string[] names) => new(names.Select(n => new Label("reserved", n, "")));

    /// <summary>The labels of a pod as FORMAT.md lists them.</summary>
    private static FlowParty Pod(JsonElement json)
    {
        var ns = Text(json, "namespace")!;
        List<Label> labels =
        [
            .. Pairs(json, "labels").Select(l => new Label("k8s", l.Key, l.Value)),
            .. Pairs(json, "namespaceLabels").Select(l => new Label("k8s", "io.cilium.k8s.namespace.labels." + l.Key, l.Value)),
            new Label("k8s", "io.kubernetes.pod.namespace", ns),
            new Label("k8s", "io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name", ns),
            new Label("k8s", "io.cilium.k8s.policy.cluster", Text(json, "cluster") ?? LocalCluster),
        ];
        if (Text(json, "serviceAccount") is { Length: > 0 } account)
        {
            labels.Add(new Label("k8s", "io.cilium.k8s.policy.serviceaccount", account));
        }

        return new FlowParty(new LabelSet(labels)) { NamedPorts = Ports(json) };
    }

    private static List<NamedPort> Ports(JsonElement json) => json.TryGetProperty("namedPorts", out var ports)
        ? [.. ports.EnumerateObject().Select(p => new NamedPort(p.Name, p.Value.GetProperty("port").GetUInt16(), p.Value.GetProperty("protocol").GetString()!))]
        : [];

    private static List<HeaderLine> Headers(JsonElement json) =>
        [.. json.EnumerateArray().Select(h => new HeaderLine(h[0].GetString()!, h[1].GetString()!))];

    private static IEnumerable<KeyValuePair<string, string>> Pairs(JsonElement json, string name) => json.TryGetProperty(name, out var map)
        ? map.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!))
        : [];

    private static List<string> Texts(JsonElement json, string name) => json.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray().Select(t => t.GetString()!)]
        : [];

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
