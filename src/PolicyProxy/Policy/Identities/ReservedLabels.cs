namespace PolicyProxy.Policy.Identities;

/// <summary>Label keys with a fixed meaning (semantics 2.3) and the numbers of reserved identities (Hubble's).</summary>
internal static class ReservedLabels
{
    public const string Host = "host";
    public const string World = "world";
    public const string WorldIpv4 = "world-ipv4";
    public const string WorldIpv6 = "world-ipv6";
    public const string RemoteNode = "remote-node";
    public const string KubeApiServer = "kube-apiserver";
    public const string Init = "init";
    public const string Ingress = "ingress";
    public const string Health = "health";
    public const string Unmanaged = "unmanaged";

    public const string NamespaceKey = "io.kubernetes.pod.namespace";
    public const string NamespaceLabelPrefix = "io.cilium.k8s.namespace.labels.";
    public const string ClusterKey = "io.cilium.k8s.policy.cluster";
    public const string ServiceAccountKey = "io.cilium.k8s.policy.serviceaccount";
    public const string NamespaceNameKey = "kubernetes.io/metadata.name";
    public const string CidrGroupNamePrefix = "io.cilium.policy.cidrgroupname/";

    /// <summary>Number of a reserved identity; 0 when the labels are no reserved identity.</summary>
    public static uint NumberOf(LabelSet labels)
    {
        var isApiServer = labels.Contains(Label.ReservedSource, KubeApiServer);
        foreach (var label in labels.Labels)
        {
            if (label.Source != Label.ReservedSource)
            {
                continue;
            }

            switch (label.Key)
            {
                case Host: return 1;
                case Unmanaged: return 3;
                case Health: return 4;
                case Init: return 5;
                case RemoteNode: return isApiServer ? 7u : 6u;
                case Ingress: return 8;
                case World when labels.Labels.Count == 1: return 2;
                case WorldIpv4 when labels.Labels.Count == 1: return 9;
                case WorldIpv6 when labels.Labels.Count == 1: return 10;
                default: break;
            }
        }

        return 0;
    }
}
