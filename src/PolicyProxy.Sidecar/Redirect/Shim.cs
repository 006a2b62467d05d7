using System.Net;
using System.Runtime.InteropServices;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// The kernel part: programs in the workload's and the proxy's cgroup that refuse, let through or redirect. Order at the start: listeners
/// exist, <see cref="Load"/>, <see cref="Publish"/>, <see cref="Attach"/>. Pinned programs go on when this object and its process are
/// gone. Publishing is for one thread at a time.
/// </summary>
internal sealed class Shim : IDisposable
{
    /// <summary>Version of the maps' layouts: another one gets other pins.</summary>
    public const string Layout = "v1";

    private static readonly Version s_errorChoice = new(5, 18);

    private static readonly string[] s_maps =
        ["settings", "generation", "first_peers", "first_rules", "peers", "rules", "sockets", "pending", "flows", "refusals", "free_slots", "slot_of", "slot_peer", "askers",
         "ingress_listeners", "counters", "events"];

    // The wall first, the calls that redirect last: at no moment is something redirected that nobody would stop elsewhere.
    private static readonly string[] s_workloadPrograms =
        ["pp_egress", "pp_ingress", "pp_sock_create", "pp_options", "pp_bind4", "pp_bind6", "pp_sockops", "pp_getpeername4", "pp_getpeername6",
         "pp_recvmsg4", "pp_recvmsg6", "pp_sendmsg4", "pp_sendmsg6", "pp_connect4", "pp_connect6"];

    private static readonly string[] s_proxyPrograms = ["pp_proxy_sockops", "pp_getsockopt", "pp_setsockopt"];

    private readonly string? _pinDirectory;
    private InstanceLock? _lock;
    private ShimOptions _options = null!;
    private readonly BpfObject _programs;
    private readonly ShimPolicy _policy;
    private readonly ShimLinks _links;
    private KernelSettings _settings;
    private bool _isAttached;
    private bool _allowsPing;
    private bool _needsIngressProxy;

    private Shim(BpfObject programs, string? pinDirectory, InstanceLock? instanceLock)
    {
        _lock = instanceLock;
        _pinDirectory = pinDirectory;
        _programs = programs;
        _policy = new ShimPolicy(programs);
        _links = new ShimLinks(programs, pinDirectory);
    }

    /// <summary>Number of the policy in force; grows with every publication, also over restarts.</summary>
    public uint Generation => _policy.Generation;

    /// <summary>The programs and maps, for those who read events or look into maps.</summary>
    public BpfObject Programs => _programs;

    /// <summary>Puts programs and maps into the kernel, or takes over the maps that are pinned there. Nothing is attached yet.</summary>
    /// <param name="pinDirectory">
    /// Directory in a BPF file system that keeps programs attached after this process is gone, so that its death closes the gate instead of
    /// opening it. Null = not pinned.
    /// </param>
    /// <param name="workloadCgroup">Directory of the workload's cgroup. Pins that hold another one are not taken over: nothing of them is changed.</param>
    /// <param name="claim">When the instance becomes this process'. Nobody else may publish or attach from then on.</param>
    /// <exception cref="ShimException">The kernel, its configuration or the rights do not suffice, or the pins hold another workload.</exception>
    public static Shim Load(string? pinDirectory, string workloadCgroup, InstanceClaim claim = InstanceClaim.AtOnce)
    {
        var programs = BpfObject.Open();
        InstanceLock? taken = null;
        var isNew = false;
        try
        {
            programs.SetConstants(Environment.OSVersion.Version >= s_errorChoice ? 1u : 0u);
            if (pinDirectory is { } directory)
            {
                BpfFileSystem.Make(directory);
                taken = claim == InstanceClaim.Later ? null : InstanceLock.Take(directory, waits: claim == InstanceClaim.WhenFree);
                isNew = taken is not null && !Directory.EnumerateFileSystemEntries(directory).Any(); // now that nobody else can pin anything
                Array.ForEach(s_maps, map => programs.Pin(map, Path.Combine(directory, $"map_{map}")));
            }

            programs.Load();
            var shim = new Shim(programs, pinDirectory, taken);
            shim._links.DemandWorkload(workloadCgroup, s_workloadPrograms.Select(WorkloadPin));
            return shim;
        }
        catch
        {
            if (isNew)
            {
                BpfFileSystem.Remove(pinDirectory!);
            }

            taken?.Dispose();
            programs.Dispose();
            throw;
        }
    }

    /// <summary>Makes the instance this process', if it was not at once.</summary>
    /// <exception cref="ShimException">Another process holds it.</exception>
    public void Claim() => _lock ??= _pinDirectory is null ? null : InstanceLock.Take(_pinDirectory);

    /// <summary>Lets another process have the instance. What was loaded can still be asked.</summary>
    public void Release()
    {
        IsOwn = false;
        _lock?.Dispose();
        _lock = null;
    }

    /// <summary>Attaches everything. From now on the workload is under policy: the one that was published before.</summary>
    public void Attach(ShimOptions options)
    {
        _options = options;
        OfferSlots();
        WriteSettings();
        WriteListeners();
        foreach (var program in s_proxyPrograms)
        {
            _links.AttachCgroup(program, _options.ProxyCgroup, $"proxy_{program}");
        }

        foreach (var program in s_workloadPrograms)
        {
            _links.AttachCgroup(program, _options.WorkloadCgroup, WorkloadPin(program));
        }

        if (_options.IngressListeners != (-1, -1))
        {
            _links.AttachNetworkNamespace("pp_sk_lookup", "net_pp_sk_lookup");
        }

        foreach (var device in _options.GuardedDevices)
        {
            _links.AttachDevice("pp_frames", device);
        }
    }

    /// <summary>Where the process before took what is redirected; all 0 if there was none.</summary>
    public (int EgressPort, int IngressPort, int SlotBase) EarlierPorts =>
        _programs.Map<uint, KernelSettings>("settings").TryGet(0, out var earlier)
            ? (NetworkOrder.Of(earlier.EgressPort), NetworkOrder.Of(earlier.IngressPort), earlier.SlotBase)
            : default;

    /// <summary>Puts a policy in force, in one step for every packet and every call.</summary>
    /// <exception cref="ShimException">It does not fit; the policy before stays in force.</exception>
    public void Publish(KernelPolicy policy)
    {
        _policy.Publish(policy);
        _allowsPing = policy.AllowsPing;
        _needsIngressProxy = policy.NeedsIngressProxy;
        if (_isAttached && Flags() != _settings.Flags)
        {
            _settings.Flags = Flags();
            Store();
        }
    }

    /// <summary>Lets the policy in force speak of an address that has become known, or has changed, or is forgotten. In force on return.</summary>
    /// <exception cref="ShimException">The kernel has no memory for it: the address stays as it was.</exception>
    public void Change(AddressChange change) => _policy.Change(change);

    /// <summary>Sum of a counter over all processors.</summary>
    public unsafe long Read(ShimCounter counter)
    {
        var values = stackalloc ulong[Math.Max(LibBpf.libbpf_num_possible_cpus(), 1)];
        var key = (uint)counter;
        var sum = 0L;
        if (LibBpf.bpf_map_lookup_elem(_programs.Map<uint, ulong>("counters").Descriptor, &key, values) == 0)
        {
            for (var cpu = 0; cpu < LibBpf.libbpf_num_possible_cpus(); cpu++)
            {
                sum += (long)values[cpu];
            }
        }

        return sum;
    }

    /// <summary>The peer a slot stands for; null = none yet.</summary>
    public IPEndPoint? PeerOf(int slot) =>
        _programs.Map<uint, KernelEndpoint>("slot_peer").TryGet((uint)slot, out var peer) && peer.Port != 0
            ? new IPEndPoint(peer.Address.ToAddress(), NetworkOrder.Of(peer.Port))
            : null;

    /// <summary>False once another process may have the instance.</summary>
    public bool IsOwn { get; private set; } = true;

    /// <summary>Lets nobody who asks a peer anew have this slot. The slot goes on standing for the peer.</summary>
    public void Withdraw(int slot, IPEndPoint peer)
    {
        var slots = _programs.Map<KernelEndpoint, uint>("slot_of");
        var key = new KernelEndpoint { Address = KernelAddress.Of(peer.Address), Port = NetworkOrder.Of(peer.Port) };
        if (slots.TryGet(key, out var known) && known == slot)
        {
            slots.Remove(key); // the kernel only adds
        }
    }

    /// <summary>Offers a slot that was withdrawn to the next peer that needs one.</summary>
    /// <exception cref="ShimException">The kernel does not take it.</exception>
    public void Free(int slot)
    {
        _programs.Map<uint, KernelEndpoint>("slot_peer").Set((uint)slot, default);
        _programs.Map<uint, uint>("free_slots").Push((uint)slot);
    }

    /// <summary>The process behind a datagram that came to a slot from this address; false if it is not the workload's.</summary>
    public bool TryGetSender(IPEndPoint sender, out WorkloadProcess process)
    {
        var key = new KernelAsker { Address = KernelAddress.Of(sender.Address), Port = NetworkOrder.Of(sender.Port) };
        var isKnown = _programs.Map<KernelAsker, RedirectedConnection>("askers").TryGet(key, out var asker);
        process = asker.Process;
        return isKnown;
    }

    /// <summary>Takes everything away that would outlive this process. The workload is without policy then.</summary>
    public void Detach()
    {
        _links.DetachDevices();
        _links.Dispose();
        if (_pinDirectory is { } directory && Directory.Exists(directory))
        {
            BpfFileSystem.Remove(directory);
        }
    }

    /// <summary>Lets go. What is pinned stays in force.</summary>
    public void Dispose()
    {
        _links.Dispose();
        _policy.Dispose();
        _programs.Dispose();
        Release();
    }

    /// <summary>What programs know a cgroup by.</summary>
    /// <exception cref="ShimException">There is no such cgroup: 0 would be nobody's, and the workload free.</exception>
    internal static ulong IdOf(string cgroup) =>
        new CgroupDirectory(cgroup).Id is not 0 and var id ? id : throw new ShimException($"there is no cgroup {cgroup}");

    private static string WorkloadPin(string program) => $"work_{program}";

    private ShimFlags Flags() =>
        (_options.LoopbackIsOpen ? ShimFlags.LoopbackOpen : 0)
        | (_options.HasNoIpv6 ? ShimFlags.NoIpv6 : 0)
        | (_options.TellsAllowed ? ShimFlags.TellAllowed : 0)
        | (_allowsPing ? ShimFlags.Ping : 0)
        | (_options.IngressListeners != (-1, -1) && _needsIngressProxy ? ShimFlags.IngressProxy : 0);

    private void WriteSettings()
    {
        var depth = new CgroupDirectory(_options.WorkloadCgroup).Depth;
        _settings = _settings with
        {
            Proxy4 = MemoryMarshal.Read<uint>(IPAddress.Loopback.GetAddressBytes()),
            Proxy6 = KernelAddress.Of(IPAddress.IPv6Loopback),
            WorkloadCgroup = IdOf(_options.WorkloadCgroup),
            WorkloadLevel = (uint)depth,
            EgressPort = NetworkOrder.Of(_options.EgressPort),
            IngressPort = NetworkOrder.Of(_options.IngressPort),
            SlotBase = (ushort)_options.SlotBase,
            Slots = (ushort)_options.Slots,
            Flags = Flags(),
        };
        Store();
        _isAttached = true;
    }

    private void Store() => _programs.Map<uint, KernelSettings>("settings").Set(0, _settings);

    // Those of an earlier process stay as they are: who uses one keeps it.
    private void OfferSlots()
    {
        var settings = _programs.Map<uint, KernelSettings>("settings");
        var offered = settings.TryGet(0, out var earlier) ? earlier.Slots : 0;
        var free = _programs.Map<uint, uint>("free_slots");
        for (var slot = offered + 1; slot <= _options.Slots; slot++)
        {
            free.Push((uint)slot);
        }
    }

    // A socket that is there already, of the process before, stays as it is.
    private void WriteListeners()
    {
        var listeners = _programs.Map<uint, ulong>("ingress_listeners");
        foreach (var (place, descriptor) in new[] { (0u, _options.IngressListeners.Ipv4), (1u, _options.IngressListeners.Ipv6) })
        {
            if (descriptor >= 0 && !(listeners.TryGet(place, out var cookie) && cookie == StreamSocket.CookieOf(descriptor)))
            {
                listeners.Set(place, (ulong)descriptor);
            }
        }
    }
}
