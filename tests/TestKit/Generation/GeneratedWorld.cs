using System.Net;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>The small world of all generated cases: few names, so that rules and flows meet often.</summary>
internal static class GeneratedWorld
{
    public static readonly string[] Namespaces = ["n1", "n2"];
    public static readonly string[] Apps = ["a", "b", "c"];
    public static readonly string[] Tiers = ["t1", "t2"];
    public static readonly string[] PortNames = ["http", "web", "dns"];

    public static readonly string[] DnsNames =
        ["api.one.test", "one.test", "a.b.one.test", "www.two.test", "two.test", "x_y.three.test", "one.test.evil", "ONE.test"];

    public static readonly string[] Entities =
        ["all", "world", "world-ipv4", "world-ipv6", "cluster", "host", "remote-node", "kube-apiserver", "init", "ingress", "health", "unmanaged", "none", "cluster-mesh"];

    public static readonly string[] Prefixes =
        ["10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.1.1.5/32", "10.1.2.0/24", "192.0.2.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8:0:1::/64"];

    private static readonly NamedPort[] WebPorts = [new("http", 8080, "TCP"), new("web", 80, "TCP"), new("dns", 53, "UDP")];
    private static readonly NamedPort[] OtherPorts = [new("http", 80, "TCP"), new("dns", 53, "TCP")];

    /// <summary>Pods that policies are asked about.</summary>
    public static readonly FlowParty[] Subjects =
    [
        Pod("n1", "a", "t1", WebPorts), Pod("n1", "b", "t2", OtherPorts), Pod("n2", "a", "t2", []), Pod("n2", "c", null, WebPorts),
    ];

    /// <summary>Pods, nodes and outside addresses at the other end. An address always has the same learned names.</summary>
    public static readonly FlowParty[] Peers =
    [
        .. Subjects,
        Pod("n1", "c", "t1", OtherPorts), Pod("n2", "b", "t1", WebPorts), Pod("n1", "a", "t2", [], cluster: "west"),
        Pod("n2", "a", null, [], account: "robot"),
        Reserved("host"), Reserved("remote-node"), Reserved("kube-apiserver", "remote-node"), Reserved("health"), Reserved("init"),
        Reserved("ingress"), Reserved("unmanaged"), Reserved("world"),
        Outside("10.1.1.5", "api.one.test", "www.two.test"), Outside("10.1.1.6"), Outside("10.1.2.7", "one.test"), Outside("10.2.0.1", "a.b.one.test"),
        Outside("192.0.2.9", "x_y.three.test"), Outside("203.0.113.9"), Outside("2001:db8:0:1::5", "api.one.test"), Outside("2001:db8::7"), Outside("fd00::1"),
    ];

    public static readonly FlowParty[] OutsideAddresses = [.. Peers.Where(p => p.Address is not null)];

    private static FlowParty Pod(string ns, string app, string? tier, IReadOnlyList<NamedPort> ports, string cluster = "default", string? account = null)
    {
        List<Label> labels =
        [
            new("k8s", "app", app),
            new("k8s", "io.kubernetes.pod.namespace", ns),
            new("k8s", "io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name", ns),
            new("k8s", "io.cilium.k8s.namespace.labels.env", ns == "n1" ? "prod" : "test"),
            new("k8s", "io.cilium.k8s.policy.cluster", cluster),
        ];
        if (tier is not null)
        {
            labels.Add(new Label("k8s", "tier", tier));
        }

        if (account is not null)
        {
            labels.Add(new Label("k8s", "io.cilium.k8s.policy.serviceaccount", account));
        }

        return new FlowParty(new LabelSet(labels)) { NamedPorts = ports };
    }

    private static FlowParty Reserved(params string[] names) => new(new LabelSet(names.Select(n => new Label("reserved", n, ""))));

    private static FlowParty Outside(string text, params string[] names)
    {
        var address = IPAddress.Parse(text);
        return Reserved(text.Contains(':') ? "world-ipv6" : "world-ipv4") with { Address = address, DnsNames = names };
    }
}
