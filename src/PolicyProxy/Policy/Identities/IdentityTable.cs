using System.Net;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Identities;

/// <summary>Owns what is known about peers: workloads, nodes, learned DNS names. Thread-safe; publishes immutable snapshots.</summary>
public sealed class IdentityTable
{
    private const uint FirstWorkloadId = 256;

    // Local-scope numbers start behind the cluster's, as in Cilium (hubble.md section 3).
    private const uint FirstLocalId = 0x0100_0001;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Identity> _interned = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, LearnedAddress> _learned = [];
    private readonly string _clusterName;
    private IReadOnlyList<IPAddress>? _localAddresses;
    private IdentityScope _scope = IdentityScope.Empty;
    private PolicyObjects _objects = PolicyObjects.Empty;
    private volatile IdentitySnapshot _current;
    private uint _nextWorkloadId = FirstWorkloadId;
    private uint _nextLocalId = FirstLocalId;

    internal IdentityTable(string clusterName)
    {
        _clusterName = clusterName;
        _current = Build();
    }

    /// <summary>Raised after a new snapshot was published, outside of any lock.</summary>
    public event EventHandler? Changed;

    internal IdentitySnapshot Current => _current;

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
        ArgumentNullException.ThrowIfNull(address);
        lock (_gate)
        {
            var key = IdentitySnapshot.HostKey(address);
            if (!_learned.TryGetValue(key, out var learned))
            {
                _learned[key] = learned = new LearnedAddress(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
            }

            if (learned.Names.TryGetValue(name, out var known))
            {
                learned.Names[name] = known > expires ? known : expires;
                return;
            }

            learned.Names[name] = expires;
            _current = Build();
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>Forgets names whose time has passed.</summary>
    public void Expire(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var (key, learned) in _learned.ToArray())
            {
                foreach (var (name, expires) in learned.Names.ToArray())
                {
                    if (expires <= now)
                    {
                        learned.Names.Remove(name);
                    }
                }

                if (learned.Names.Count == 0)
                {
                    _learned.Remove(key);
                }
            }

            _current = Build();
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>
    /// Makes these addresses and all of loopback the identity <c>host</c>, whatever networks policies name: the machine the subject runs
    /// on is known. Until this is called no address is <c>host</c>.
    /// </summary>
    internal void SetLocalAddresses(IEnumerable<IPAddress> addresses)
    {
        lock (_gate)
        {
            _localAddresses = [.. addresses];
            _current = Build();
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>Adopts what the policies tell apart and the objects they come with; returns the snapshot for them.</summary>
    internal IdentitySnapshot Adopt(IdentityScope scope, PolicyObjects objects)
    {
        lock (_gate)
        {
            _scope = scope;
            _objects = objects;
            return _current = Build();
        }
    }

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

    private IdentitySnapshot Build()
    {
        var world = new WorldIdentities(_scope, Intern);
        var hosts = new Dictionary<UInt128, Identity>();
        foreach (var (key, learned) in _learned)
        {
            hosts[key] = world.Of(learned.Address, learned.Names.Keys);
        }

        foreach (var node in _objects.Nodes)
        {
            // Until the local node is known every node of the inventory is another one: a pod's own host is never assumed.
            AddAddresses(hosts, node.Addresses, Intern(ReservedSet(ReservedLabels.RemoteNode), null, []));
        }

        var podNames = new Dictionary<UInt128, string>();
        foreach (var pod in _objects.Pods)
        {
            var labels = WorkloadLabels.Of(pod, _clusterName, NamespaceLabels);
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

        return new IdentitySnapshot(hosts, prefixes, podNames, world.V4, world.V6);
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

    private sealed record LearnedAddress(IPAddress Address)
    {
        public Dictionary<string, DateTimeOffset> Names { get; } = new(StringComparer.OrdinalIgnoreCase);
    }
}
