using System.Net;
using System.Text.Json.Nodes;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Conformance;

/// <summary>Kubernetes objects that give the peers of vectors addresses, for tests that send something real.</summary>
internal static class PeerObjects
{
    /// <summary>Where the vectors of this repository are.</summary>
    public static string VectorFolder { get; } = FindVectors();

    /// <summary>A pod with these labels at an address.</summary>
    public static string Pod(LabelSet labels, int number, IPAddress address)
    {
        var own = new JsonObject();
        foreach (var label in labels.Labels.Where(l => !l.Key.StartsWith("io.", StringComparison.Ordinal)))
        {
            own[label.Key] = label.Value;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"peer-{number}",
                ["namespace"] = labels.Find("k8s", "io.kubernetes.pod.namespace"),
                ["labels"] = own,
                ["annotations"] = new JsonObject { ["policyproxy.dev/cluster"] = labels.Find("k8s", "io.cilium.k8s.policy.cluster") },
            },
            ["spec"] = new JsonObject { ["serviceAccountName"] = labels.Find("k8s", "io.cilium.k8s.policy.serviceaccount") ?? string.Empty },
            ["status"] = new JsonObject { ["podIP"] = address.ToString() },
        }.ToJsonString();
    }

    /// <summary>The namespaces that pods with these labels are in.</summary>
    public static IEnumerable<string> Namespaces(IEnumerable<LabelSet> peers) =>
        peers.GroupBy(p => p.Find("k8s", "io.kubernetes.pod.namespace")!).Select(group =>
        {
            const string Prefix = "io.cilium.k8s.namespace.labels.";
            var labels = new JsonObject();
            foreach (var label in group.SelectMany(p => p.Labels).Where(l => l.Key.StartsWith(Prefix, StringComparison.Ordinal)))
            {
                labels[label.Key[Prefix.Length..]] = label.Value;
            }

            return new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["name"] = group.Key, ["labels"] = labels },
            }.ToJsonString();
        });

    private static string FindVectors()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "PolicyProxy.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "tests", "Conformance", "vectors");
    }
}
