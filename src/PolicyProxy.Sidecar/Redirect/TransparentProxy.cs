using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay.Handover;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>Where a transparent proxy works. Immutable.</summary>
internal sealed record TransparentScope
{
    /// <summary>Directory of the workload's cgroup.</summary>
    public required string WorkloadCgroup { get; init; }

    /// <summary>Directory of the cgroup the listening sockets of this process are in; a sibling of the workload's.</summary>
    public required string ProxyCgroup { get; init; }

    /// <summary>Moves this process into <see cref="ProxyCgroup"/> before it listens; null = it is there.</summary>
    public Action? Enter { get; init; }

    /// <summary>Moves it out again when it listens: accepted connections are where their listener is. Null = it stays.</summary>
    public Action? Leave { get; init; }

    /// <summary>Name of the instance: it names the pins.</summary>
    public required string Instance { get; init; }

    /// <summary>True if this process and the workload have a network namespace of their own, whose loopback nobody else uses.</summary>
    public bool OwnsNetworkNamespace { get; init; }

    /// <summary>See <see cref="ShimOptions.TellsAllowed"/>.</summary>
    public bool TellsAllowed { get; init; } = true;
}

/// <summary>
/// A sidecar to which the kernel redirects: its relay, the shim in front of it, and what keeps the two of one mind. Disposing leaves the
/// kernel part in force, which then refuses what needed the proxy; <see cref="Detach"/> takes it away.
/// </summary>
internal sealed class TransparentProxy : IHandingOver, IAsyncDisposable
{
    private readonly SidecarOptions _options;
    private readonly TransparentScope _scope;
    private readonly KernelRedirectedDatagrams _datagrams;
    private readonly IReadOnlyList<IPAddress> _addressesAtStart = LocalNetwork.Addresses();
    private Shim _shim;
    private ShimFeed? _feed;
    private ShimEvents? _events;
    private LocalAddresses? _addresses;

    private TransparentProxy(SidecarServer server, Shim shim, SidecarOptions options, TransparentScope scope, KernelRedirectedDatagrams datagrams)
    {
        Server = server;
        _shim = shim;
        _options = options;
        _scope = scope;
        _datagrams = datagrams;
    }

    /// <summary>The relay that takes redirected connections.</summary>
    public SidecarServer Server { get; }

    /// <summary>The kernel part.</summary>
    public Shim Shim => _shim;

    private IServiceProvider Services => Server.Services;

    /// <summary>
    /// Starts: 1. the relay's sockets are bound, 2. programs and policy are in the kernel, 3. they are attached and pinned, 4. the relay serves. A process
    /// that hands over lets go between 1 and 2, and ends after 4.
    /// </summary>
    /// <exception cref="SidecarStartException">The policies or options are bad.</exception>
    /// <exception cref="ShimException">The kernel part cannot be had.</exception>
    public static async Task<TransparentProxy> StartAsync(SidecarOptions options, TransparentScope scope, CancellationToken cancellationToken)
    {
        var pins = BpfFileSystem.PinsOf(scope.Instance);
        var isNew = !Directory.Exists(pins);
        using var inherited = options.HandoverPath is { } path ? InheritedListeners.Take(path) : null;
        var claim = inherited is { IsEmpty: false } ? InstanceClaim.Later : InstanceClaim.AtOnce;

        // Loading and reading the policies take about as long, and neither needs the other.
        var loading = Task.Run(
            () =>
            {
                BpfFileSystem.EnsureMounted();
                return Shim.Load(pins, scope.WorkloadCgroup, claim);
            },
            cancellationToken);
        TransparentProxy? proxy = null;
        try
        {
            var datagrams = new KernelRedirectedDatagrams();
            var entering = scope.Enter is { } enter ? Task.Run(enter, cancellationToken) : Task.CompletedTask;
            var transparent = options.Transparent! with { Datagrams = datagrams };
            if (options.Keeper is { IsEmpty: false } || inherited is { IsEmpty: false })
            {
                transparent = AtPortsOf(await loading.ConfigureAwait(false), transparent);
            }

            var complete = options with { MayListen = entering, Transparent = transparent, Inherited = inherited, Bound = Redirect };
            IHandingOver Redirect(SidecarServer server)
            {
                scope.Leave?.Invoke();
                proxy = new TransparentProxy(server, loading.GetAwaiter().GetResult(), options, scope, datagrams);
                proxy._shim.Claim();
                server.Services.GetRequiredService<PolicyEngine>().Identities.SetLocalAddresses(proxy._addressesAtStart);
                proxy.Attach();
                return proxy;
            }

            _ = await SidecarServer.StartAsync(complete, cancellationToken).ConfigureAwait(false);
            return proxy!;
        }
        catch
        {
            proxy?.Stop();
            await Abandon(loading, isNew).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>From now on addresses this machine gets or loses change what <c>host</c> is. Not part of the start, which need not wait for it.</summary>
    /// <exception cref="ShimException">The kernel does not tell of them.</exception>
    public void FollowAddresses() =>
        _addresses ??= new LocalAddresses(Services.GetRequiredService<PolicyEngine>().Identities, _addressesAtStart);

    /// <summary>Takes the kernel part away: the workload is without policy then. Call before disposing.</summary>
    public void Detach() => _shim.Detach();

    void IHandingOver.Asked()
    {
    }

    // Whom a datagram was for can still be asked: answers are outstanding.
    void IHandingOver.Yield()
    {
        Stop();
        _shim.Release();
    }

    // As after a crash: what the next process has changed is not known here.
    void IHandingOver.Resume()
    {
        var before = _shim;
        _shim = Shim.Load(BpfFileSystem.PinsOf(_scope.Instance), _scope.WorkloadCgroup, InstanceClaim.WhenFree);
        before.Dispose();
        Attach();
    }

    public async ValueTask DisposeAsync()
    {
        _addresses?.Dispose();
        Stop();
        await Server.DisposeAsync().ConfigureAwait(false);
        _shim.Dispose();
    }

    private void Attach()
    {
        var engine = Services.GetRequiredService<PolicyEngine>();
        var door = Services.GetRequiredService<HttpDoor>();
        var logger = Services.GetRequiredService<ILoggerFactory>().CreateLogger("PolicyProxy.Redirect");
        _datagrams.Ask(_shim);
        try
        {
            _feed = new ShimFeed(engine, door.Subject, _options.Audit, _shim, error => Log.PolicyNotPublished(logger, error));
            _events = new ShimEvents(_shim.Programs, new KernelFlows(door.Gate, door.Subject, _options.Audit).Report, error => Log.EventFault(logger, error));
            _shim.Attach(Options(Server, _options, _scope));
        }
        catch
        {
            Stop();
            throw;
        }
    }

    private void Stop()
    {
        _feed?.Dispose();
        _events?.Dispose();
        (_feed, _events) = (null, null);
    }

    // What is redirected already finds the next process at the same ports.
    private static TransparentOptions AtPortsOf(Shim shim, TransparentOptions options)
    {
        var (egress, ingress, slots) = shim.EarlierPorts;
        return options with { EgressPort = (ushort)egress, IngressPort = (ushort)ingress, EarlierSlotBase = slots };
    }

    // Of a start that failed nothing stays in the kernel that was not there before; what an earlier process pinned is not ours to remove.
    private static async Task Abandon(Task<Shim> loading, bool isNew)
    {
        await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!loading.IsCompletedSuccessfully)
        {
            return;
        }

        using var shim = await loading.ConfigureAwait(false);
        if (isNew)
        {
            shim.Detach();
        }
    }

    private static ShimOptions Options(SidecarServer server, SidecarOptions options, TransparentScope scope)
    {
        var ingress = server.IngressDescriptors;
        return new ShimOptions
        {
            WorkloadCgroup = scope.WorkloadCgroup,
            ProxyCgroup = scope.ProxyCgroup,
            EgressPort = server.EgressAddresses is [var egress, ..] ? egress.Port : 0,
            IngressPort = server.IngressAddresses is [var first, ..] ? first.Port : 0,
            IngressListeners = (ingress is [var ipv4, ..] ? ipv4 : -1, ingress is [_, var ipv6] ? ipv6 : -1),
            SlotBase = server.SlotBase,
            Slots = server.SlotBase == 0 ? 0 : options.Dns.Slots,
            TellsAllowed = scope.TellsAllowed,
            LoopbackIsOpen = scope.OwnsNetworkNamespace,
            HasNoIpv6 = !LocalNetwork.HasIpv6(),
            GuardedDevices = scope.OwnsNetworkNamespace ? LocalNetwork.Devices() : [],
        };
    }
}
