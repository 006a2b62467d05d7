using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Identities;

/// <summary>What a SPIFFE id says of its bearer by the inventory: service accounts and numbered identities. Immutable.</summary>
internal sealed class ProvenIdentities
{
    /// <summary>Labels that differ from pod to pod of one workload; Cilium takes none of them into an identity.</summary>
    private static readonly string[] s_ofOnePod =
    [
        "pod-template-hash", "pod-template-generation", "controller-revision-hash", "controller-uid", "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-completion-index", "batch.kubernetes.io/controller-uid",
    ];

    private readonly Dictionary<(string Namespace, string Name), Identity?> _accounts = [];
    private readonly Dictionary<uint, Identity> _numbered = [];

    /// <summary>Collects what the inventory says.</summary>
    /// <param name="pods">Pods with the identities of their addresses.</param>
    /// <param name="numbered">Cilium's identities.</param>
    /// <param name="intern">Gives the identity of a label set.</param>
    public ProvenIdentities(
        IEnumerable<(InventoryPod Pod, LabelSet Labels)> pods, IEnumerable<InventoryIdentity> numbered, Func<LabelSet, Identity> intern)
    {
        foreach (var account in pods.Where(static pod => pod.Pod.ServiceAccount is { Length: > 0 }).GroupBy(static pod => (pod.Pod.Namespace, pod.Pod.ServiceAccount!)))
        {
            var shared = account.Select(static pod => new LabelSet(pod.Labels.Labels.Where(static label => !s_ofOnePod.Contains(label.Key)))).Distinct().ToArray();
            _accounts[account.Key] = shared.Length == 1 ? intern(shared[0]) : null;
        }

        foreach (var identity in numbered)
        {
            _numbered[identity.Number] = intern(new LabelSet(identity.Labels.Select(static label => Label.Parse(label.Key) with { Value = label.Value })));
        }
    }

    /// <summary>The identity of the bearer of an id; null if the inventory does not tell, which the reason explains.</summary>
    /// <param name="id">A verified id.</param>
    /// <param name="byAddress">The identity of the bearer's address: which of the pods of one service account it is.</param>
    /// <param name="account">Gives the identity of a service account of which the inventory knows no pod.</param>
    /// <param name="reason">Why there is none; else empty.</param>
    public Identity? Find(SpiffeId id, Identity? byAddress, Func<string, string, Identity> account, out string reason)
    {
        reason = string.Empty;
        if (id.IdentityNumber is { } number)
        {
            reason = _numbered.TryGetValue(number, out var known) ? string.Empty : $"the inventory has no CiliumIdentity {number}";
            return known;
        }

        if (id.ServiceAccount is not { } name)
        {
            reason = "its path is neither /identity/NUMBER nor /ns/NAMESPACE/sa/NAME";
            return null;
        }

        if (byAddress is not null && IsOf(byAddress, name))
        {
            return byAddress;
        }

        if (!_accounts.TryGetValue(name, out var shared))
        {
            return account(name.Namespace, name.Name);
        }

        reason = shared is null ? "the pods of the service account have different labels, and the address is none of theirs" : string.Empty;
        return shared;
    }

    private static bool IsOf(Identity identity, (string Namespace, string Name) account) =>
        identity.Namespace == account.Namespace && identity.Labels.Find(Label.KubernetesSource, ReservedLabels.ServiceAccountKey) == account.Name;
}
