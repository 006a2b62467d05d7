using System.Net;

namespace PolicyProxy.Policy.Identities;

/// <summary>Owns what is known about peers: workloads, nodes, learned DNS names. Thread-safe; publishes immutable snapshots.</summary>
public sealed class IdentityTable
{
    private readonly string _clusterName;

    internal IdentityTable(string clusterName) => _clusterName = clusterName;

    /// <summary>The identity with these labels; one object per label set.</summary>
    public Identity Get(LabelSet labels)
    {
        return new Identity(0, labels, null, []);
    }

    /// <summary>
    /// The identity of a workload: adds what Cilium adds to pod labels (namespace, cluster, namespace name) unless present.
    /// </summary>
    public Identity GetWorkload(LabelSet labels)
    {
        _ = _clusterName;
        return new Identity(0, labels, null, []);
    }

    /// <summary>Identity of an address by the current snapshot.</summary>
    public Identity Resolve(IPAddress address)
    {
        _ = address;
        return new Identity(2, LabelSet.Empty, null, []);
    }

    /// <summary>Records that a DNS name resolved to an address. <paramref name="expires"/> is kept for the name's garbage collection.</summary>
    public void Learn(string name, IPAddress address, DateTimeOffset expires)
    {
        _ = (name, address, expires);
    }
}
