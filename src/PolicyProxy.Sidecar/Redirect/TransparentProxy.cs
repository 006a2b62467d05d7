using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;

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
internal sealed class TransparentProxy : IAsyncDisposable
{
    private readonly Shim _shim;
    private readonly ShimFeed _feed;
    private readonly ShimEvents _events;
    private readonly IReadOnlyList<IPAddress> _addressesAtStart;
    private LocalAddresses? _addresses;

    private TransparentProxy(SidecarServer server, Shim shim, ShimFeed feed, ShimEvents events, IReadOnlyList<IPAddress> addresses)
    {
        _addressesAtStart = addresses;
        Server = server;
        _shim = shim;
        _feed = feed;
        _events = events;
    }

    /// <summary>The relay that takes redirected connections.</summary>
    public SidecarServer Server { get; }

    /// <summary>The kernel part.</summary>
    public Shim Shim => _shim;

    /// <summary>Starts: 1. the relay listens, 2. programs and policy are in the kernel, 3. they are attached and pinned.</summary>
    /// <exception cref="SidecarStartException">The policies or options are bad.</exception>
    /// <exception cref="ShimException">The kernel part cannot be had.</exception>
    public static async Task<TransparentProxy> StartAsync(SidecarOptions options, TransparentScope scope, CancellationToken cancellationToken)
    {
        var pins = BpfFileSystem.PinsOf(scope.Instance);
        var isNew = !Directory.Exists(pins);

        // Loading and reading the policies take about as long, and neither needs the other.
        var loading = Task.Run(
            () =>
            {
                BpfFileSystem.EnsureMounted();
                return Shim.Load(pins, scope.WorkloadCgroup);
            },
            cancellationToken);
        SidecarServer? server = null;
        try
        {
            var datagrams = new KernelRedirectedDatagrams();
            var entering = scope.Enter is { } enter ? Task.Run(enter, cancellationToken) : Task.CompletedTask;
            var transparent = options.Transparent! with { Datagrams = datagrams };
            if (options.Keeper is { IsEmpty: false })
            {
                // Queries may be waiting in the sockets: whom they are for has to be known before they are read.
                transparent = AtPortsOf(await loading.ConfigureAwait(false), transparent);
                datagrams.Ask(await loading.ConfigureAwait(false));
            }

            server = await SidecarServer.StartAsync(options with { MayListen = entering, Transparent = transparent }, cancellationToken).ConfigureAwait(false);
            scope.Leave?.Invoke();
            var shim = await loading.ConfigureAwait(false);
            datagrams.Ask(shim);
            return Attach(server, shim, options, scope);
        }
        catch
        {
            await Abandon(loading, isNew).ConfigureAwait(false);
            if (server is not null)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>From now on addresses this machine gets or loses change what <c>host</c> is. Not part of the start, which need not wait for it.</summary>
    /// <exception cref="ShimException">The kernel does not tell of them.</exception>
    public void FollowAddresses() =>
        _addresses ??= new LocalAddresses(Server.Services.GetRequiredService<PolicyEngine>().Identities, _addressesAtStart);

    /// <summary>Takes the kernel part away: the workload is without policy then. Call before disposing.</summary>
    public void Detach() => _shim.Detach();

    public async ValueTask DisposeAsync()
    {
        _addresses?.Dispose();
        _feed.Dispose();
        _events.Dispose();
        _shim.Dispose();
        await Server.DisposeAsync().ConfigureAwait(false);
    }

    private static TransparentProxy Attach(SidecarServer server, Shim shim, SidecarOptions options, TransparentScope scope)
    {
        var services = server.Services;
        var engine = services.GetRequiredService<PolicyEngine>();
        var door = services.GetRequiredService<HttpDoor>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("PolicyProxy.Redirect");
        var addresses = LocalNetwork.Addresses();
        engine.Identities.SetLocalAddresses(addresses);

        ShimFeed? feed = null;
        ShimEvents? events = null;
        try
        {
            feed = new ShimFeed(engine, door.Subject, options.Audit, shim, error => Log.PolicyNotPublished(logger, error));
            events = new ShimEvents(shim.Programs, new KernelFlows(door.Gate, door.Subject, options.Audit).Report, error => Log.EventFault(logger, error));
            shim.Attach(Options(server, options, scope));
            return new TransparentProxy(server, shim, feed, events, addresses);
        }
        catch
        {
            feed?.Dispose();
            events?.Dispose();
            throw;
        }
    }

    // What is redirected already finds the next worker at the same ports.
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
