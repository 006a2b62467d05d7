using System.Collections.Immutable;
using System.Net;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Identities;

/// <summary>Owns what is known about peers: workloads, nodes, learned DNS names. Thread-safe; publishes immutable snapshots.</summary>
public sealed class IdentityTable
{
    private const uint FirstWorkloadId = 256;

    // Local-scope numbers start behind the cluster's, as in Cilium (hubble.md section 3).
    private const uint FirstLocalId = 0x0100_0001;

    // Taken in this order; an engine's lock comes between the two. Whoever holds the first has told everybody what it published when it
    // lets go, so nobody sees a name as known before the kernel knows it.
    private readonly Lock _learning = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Identity> _interned = new(StringComparer.Ordinal);
    private readonly FqdnTable _names;
    private readonly string _clusterName;
    private IReadOnlyList<IPAddress>? _localAddresses;
    private IdentityScope _scope = IdentityScope.Empty;
    private PolicyObjects _objects = PolicyObjects.Empty;
    private volatile IdentitySnapshot _current;
    private uint _nextWorkloadId = FirstWorkloadId;
    private uint _nextLocalId = FirstLocalId;

    internal IdentityTable(string clusterName, FqdnOptions? options = null)
    {
        _clusterName = clusterName;
        _names = new FqdnTable(options ?? FqdnOptions.Cilium, () => _nextLocalId++);
        _current = Build(0);
    }

    /// <summary>Raised after a new snapshot was published.</summary>
    public event EventHandler? Changed;

    /// <summary>
    /// Raised after a new snapshot was published, before the call that made it returns: who hears of it here and tells the kernel has done so
    /// before a DNS answer is let go. One at a time and in order; handlers must not learn, and must not throw. What new
    /// policies change is told by the engine that compiles them.
    /// </summary>
    internal event EventHandler<IdentityChange>? Published;

    internal IdentitySnapshot Current => _current;

    /// <summary>Pairs of name and address that are known.</summary>
    internal int LearnedCount
    {
        get
        {
            lock (_gate)
            {
                return _names.Count;
            }
        }
    }

    /// <summary>Grows with every pair of name and address that is new or stands longer than before: when it has, <see cref="ExportNames"/> has something to add.</summary>
    internal long LearnedRevision
    {
        get
        {
            lock (_gate)
            {
                return _names.Revision;
            }
        }
    }

    /// <summary>The identity with exactly these labels; one object per label set.</summary>
    public Identity Get(LabelSet labels)
    {
        lock (_gate)
        {
            return Intern(labels, null, []);
        }
    }

    /// <summary>The reserved identity of this name, for example <c>host</c> or <c>remote-node</c>.</summary>
    public Identity GetReserved(string name) => Get(ReservedSet(name));

    /// <summary>
    /// The identity of a workload. Adds what Cilium adds to pod labels unless present: namespace (<c>default</c>), the namespace's
    /// labels and name, cluster (semantics 2.3).
    /// </summary>
    public Identity GetWorkload(LabelSet labels)
    {
        lock (_gate)
        {
            return Intern(WorkloadLabels.Complete(labels, _clusterName, NamespaceLabels), null, []);
        }
    }

    /// <summary>Identity of an address by the current snapshot.</summary>
    public Identity Resolve(IPAddress address) => _current.Resolve(address);

    /// <summary>
    /// Records that a DNS name resolved to an address. Takes effect for the next connection; selectors see the name as long as the
    /// entry stands. <paramref name="expires"/> is when <see cref="Expire"/> may forget it.
    /// </summary>
    public void Learn(string name, IPAddress address, DateTimeOffset expires)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(address);
        lock (_learning)
        {
            IdentityChange? change;
            lock (_gate)
            {
                _ = _names.Learn(name, IdentitySnapshot.HostKey(address), expires.UtcTicks);
                change = Collect();
            }

            Tell(change);
        }
    }

    /// <summary>Forgets names whose time has passed, and whose addresses no live connection holds. Call about once a second.</summary>
    public void Expire(DateTimeOffset now)
    {
        lock (_learning)
        {
            IdentityChange? change;
            lock (_gate)
            {
                _names.Expire(now);
                change = Collect();
            }

            Tell(change);
        }
    }

    /// <summary>
    /// Takes in an allowed DNS answer. When this returns every handler of <see cref="Published"/> has run for it, also if another thread
    /// learned the same at the same time: the answer may be let go.
    /// </summary>
    /// <returns>Pairs of name and address that were not known.</returns>
    internal int Learn(in FqdnAnswer answer, DateTimeOffset now)
    {
        lock (_learning)
        {
            IdentityChange? change;
            int added;
            lock (_gate)
            {
                added = _names.Learn(answer, now);
                change = Collect();
            }

            Tell(change);
            return added;
        }
    }

    /// <summary>Takes in what an earlier process had learned; what is over by now is left out.</summary>
    internal void Learn(IEnumerable<LearnedName> names, DateTimeOffset now)
    {
        lock (_learning)
        {
            IdentityChange? change;
            lock (_gate)
            {
                foreach (var name in names.Where(name => name.Expires > now))
                {
                    _ = _names.Learn(name.Name, name.Address, name.Expires.UtcTicks);
                }

                change = Collect();
            }

            Tell(change);
        }
    }

    /// <summary>Every pair that stands, for keeping over a restart.</summary>
    internal IReadOnlyList<LearnedName> ExportNames()
    {
        lock (_gate)
        {
            return _names.Export();
        }
    }

    /// <summary>
    /// Keeps all that is known of an address as long as a connection to it lives, and for the grace afterwards. Dispose when it has ended;
    /// null if no answer has named the address, and there is nothing to keep.
    /// </summary>
    internal AddressHold? Hold(IPAddress address)
    {
        lock (_gate)
        {
            return _names.Hold(IdentitySnapshot.HostKey(address)) is { } entry ? new AddressHold(_gate, entry) : null;
        }
    }

    /// <summary>
    /// Makes these addresses and all of loopback the identity <c>host</c>, whatever networks policies name: the machine the subject runs
    /// on is known. Until this is called no address is <c>host</c>.
    /// </summary>
    internal void SetLocalAddresses(IEnumerable<IPAddress> addresses)
    {
        lock (_learning)
        {
            IdentitySnapshot snapshot;
            lock (_gate)
            {
                _localAddresses = [.. addresses];
                snapshot = _current = Build(_current.Sequence + 1);
            }

            Tell(new IdentityChange(snapshot, [], IsWhole: true));
        }
    }

    /// <summary>Adopts what the policies tell apart and the objects they come with; returns the snapshot for them.</summary>
    internal IdentitySnapshot Adopt(IdentityScope scope, PolicyObjects objects)
    {
        lock (_gate)
        {
            _scope = scope;
            _objects = objects;
            return _current = Build(_current.Sequence + 1);
        }
    }

    /// <summary>The identity of the bearer of a verified SPIFFE id by a snapshot; null with a reason if it tells none.</summary>
    internal Identity? Prove(IdentitySnapshot snapshot, SpiffeId id, IPAddress? address, out string reason) => snapshot.Proven.Find(
        id,
        address is null ? null : snapshot.Resolve(address),
        (space, account) => GetWorkload(new LabelSet(
        [
            new Label(Label.KubernetesSource, ReservedLabels.NamespaceKey, space),
            new Label(Label.KubernetesSource, ReservedLabels.ServiceAccountKey, account),
        ])),
        out reason);

    /// <summary>The identity of a workload with container ports, as the conformance vectors describe peers.</summary>
    internal Identity GetWorkload(LabelSet labels, IReadOnlyList<NamedPort> namedPorts)
    {
        lock (_gate)
        {
            return Intern(WorkloadLabels.Complete(labels, _clusterName, NamespaceLabels), null, namedPorts);
        }
    }

    private static LabelSet ReservedSet(params ReadOnlySpan<string> names)
    {
        var labels = new List<Label>();
        foreach (var name in names)
        {
            labels.Add(new Label(Label.ReservedSource, name, string.Empty));
        }

        return new LabelSet(labels);
    }

    private IReadOnlyDictionary<string, string>? NamespaceLabels(string name) =>
        _objects.Namespaces.FirstOrDefault(n => n.Name == name)?.Labels;

    // What has changed since the last snapshot, published; null if nothing has.
    private IdentityChange? Collect()
    {
        if (!_names.HasChanges)
        {
            return null;
        }

        var current = _current;
        var changes = _names.Collect(current.ResolveUnnamed);
        var learned = current.Learned;
        var addresses = new List<AddressChange>();
        foreach (var (key, before, after) in changes)
        {
            learned = after is null ? learned.Remove(key) : learned.SetItem(key, after);
            var (old, now) = (before?.Identity ?? current.ResolveUnnamed(key), after?.Identity ?? current.ResolveUnnamed(key));
            if (old != now)
            {
                addresses.Add(new AddressChange(FqdnAddress.AddressOf(key), old, now));
            }
        }

        return new IdentityChange(_current = current.With(current.Sequence + 1, learned), addresses, IsWhole: false);
    }

    private void Tell(IdentityChange? change)
    {
        if (change is not null)
        {
            Changed?.Invoke(this, EventArgs.Empty);
            Published?.Invoke(this, change);
        }
    }

    private IdentitySnapshot Build(ulong sequence)
    {
        var layer = BuildLayer();
        _names.Rebase(_scope.FqdnSelectors);
        var learned = _names.Collect(layer.ResolveUnnamed).ToImmutableDictionary(static change => change.Key, static change => change.After!);
        return layer.With(sequence, learned);
    }

    private IdentitySnapshot BuildLayer()
    {
        var world = new WorldIdentities(_scope, Intern);
        var hosts = new Dictionary<UInt128, Identity>();
        foreach (var node in _objects.Nodes)
        {
            // Until the local node is known every node of the inventory is another one: a pod's own host is never assumed.
            AddAddresses(hosts, node.Addresses, Intern(ReservedSet(ReservedLabels.RemoteNode), null, []));
        }

        var podNames = new Dictionary<UInt128, string>();
        var pods = new List<(InventoryPod Pod, LabelSet Labels)>();
        foreach (var pod in _objects.Pods)
        {
            var labels = WorkloadLabels.Of(pod, _clusterName, NamespaceLabels);
            pods.Add((pod, labels));
            AddAddresses(hosts, pod.Addresses, Intern(labels, null, pod.NamedPorts));
            foreach (var text in pod.Addresses)
            {
                if (IPAddress.TryParse(text, out var address))
                {
                    podNames[IdentitySnapshot.HostKey(address)] = pod.Name;
                }
            }
        }

        var prefixes = world.Prefixes();
        if (_localAddresses is not null)
        {
            AddLocal(hosts, prefixes, Intern(ReservedSet(ReservedLabels.Host), null, []));
        }

        var proven = new ProvenIdentities(pods, _objects.Identities, labels => Intern(labels, null, []));
        return new IdentitySnapshot(hosts, prefixes, podNames, world.V4, world.V6, proven);
    }

    private void AddLocal(Dictionary<UInt128, Identity> hosts, Dictionary<IpPrefix, Identity> prefixes, Identity host)
    {
        foreach (var address in _localAddresses!)
        {
            hosts[IdentitySnapshot.HostKey(address)] = host;
        }

        // Networks of policies inside loopback as well: a CIDR never selects the host (semantics 2.7).
        var loopback = IpPrefix.Create(IPAddress.Loopback, 8);
        foreach (var inside in prefixes.Keys.Where(prefix => loopback.Contains(prefix)).ToArray())
        {
            prefixes[inside] = host;
        }

        prefixes[loopback] = host;
        hosts[IdentitySnapshot.HostKey(IPAddress.IPv6Loopback)] = host;
    }

    private static void AddAddresses(Dictionary<UInt128, Identity> hosts, IReadOnlyList<string> addresses, Identity identity)
    {
        foreach (var text in addresses)
        {
            if (IPAddress.TryParse(text, out var address))
            {
                hosts[IdentitySnapshot.HostKey(address)] = identity;
            }
        }
    }

    private Identity Intern(LabelSet labels, IpPrefix? cidr, IReadOnlyList<NamedPort> namedPorts)
    {
        var key = namedPorts.Count == 0 ? $"{cidr}|{labels.Text}" : $"{cidr}|{labels.Text}|{string.Join(',', namedPorts)}";
        if (!_interned.TryGetValue(key, out var identity))
        {
            var reserved = ReservedLabels.NumberOf(labels);
            var id = reserved != 0 ? reserved : cidr is null ? _nextWorkloadId++ : _nextLocalId++;
            _interned[key] = identity = new Identity(id, labels, cidr, namedPorts);
        }

        return identity;
    }
}
