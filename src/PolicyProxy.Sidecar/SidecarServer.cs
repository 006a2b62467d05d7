using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Decrypting;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Handover;
using PolicyProxy.Sidecar.Relay.Origins;
using PolicyProxy.Sidecar.Terminating;

namespace PolicyProxy.Sidecar;

/// <summary>
/// A proxy before one upstream, or on the way of redirected connections, or both. The relay accepts; it judges and forwards HTTP/1.x itself, hands HTTP/2 to a server that terminates it,
/// and passes through what policy does not want inspected. Thread-safe.
/// </summary>
internal sealed class SidecarServer : IAsyncDisposable, IHandingOver
{
    /// <summary>Longer than the kernel takes to tell of closed connections, short beside any command: 1 second.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(1);

    private static readonly Task s_never = new TaskCompletionSource().Task;

    private readonly SidecarOptions _options;
    private readonly SidecarServices _services;
    private readonly RelayServer _relay;
    private readonly Http2Server _http2;
    private readonly TlsDecryptor? _tls;
    private readonly DnsProxy? _dns;
    private readonly KeptNames? _names;
    private HandoverSocket? _handover;
    private IHandingOver? _redirection;

    private SidecarServer(SidecarOptions options, SidecarServices services)
    {
        _options = options;
        _services = services;
        var maxConnections = DescriptorLimit.MaxConnections(options.Relay);
        _http2 = new Http2Server(options, Services, maxConnections);
        _dns = options.DnsListen.Count > 0 || options.Transparent is { Egress: true } ? services.CreateDns(options) : null;
        _names = options.NamesPath is null ? null : services.CreateNames(options.NamesPath);
        _tls = options.Decryption is { } decryption ? services.CreateDecryptor(options, decryption) : null;
        _relay = new RelayServer(services.CreateShared(options, _http2.Accept, _dns, _tls, maxConnections));
        _ = new RelayMetrics(Services.GetRequiredService<IMeterFactory>(), _relay);
        if (_dns is not null)
        {
            _ = new DnsMetrics(Services.GetRequiredService<IMeterFactory>(), _dns);
        }
    }

    /// <summary>The addresses listened on, in the order of <see cref="SidecarOptions.Listen"/>, with the real ports.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>Where clients that were told to send DNS queries, in the order of <see cref="SidecarOptions.DnsListen"/>, with the real ports.</summary>
    public IReadOnlyList<IPEndPoint> DnsAddresses { get; private set; } = [];

    /// <summary>Port before the one of the first slot at which redirected datagrams are taken; 0 = none are.</summary>
    public int SlotBase { get; private set; }

    /// <summary>Why names that an earlier process had learned are not known, a sentence; empty if they are, or there were none.</summary>
    public string NamesWarning { get; private set; } = string.Empty;

    /// <summary>What the DNS proxy has done so far; null without one.</summary>
    public DnsCounters? DnsCounters => _dns?.Counters;

    /// <summary>Where redirected connections of the workload are served: 127.0.0.1 and, if the machine has IPv6, [::1], with the same port.</summary>
    public IReadOnlyList<IPEndPoint> EgressAddresses { get; private set; } = [];

    /// <summary>Where redirected connections to the workload are served; as <see cref="EgressAddresses"/>.</summary>
    public IReadOnlyList<IPEndPoint> IngressAddresses { get; private set; } = [];

    /// <summary>Where clients find a proxy that asks them where to; as <see cref="EgressAddresses"/>.</summary>
    public IReadOnlyList<IPEndPoint> ProxyAddresses { get; private set; } = [];

    /// <summary>The sockets listening at <see cref="IngressAddresses"/>, in that order: the shim steers connections to sockets, not to addresses.</summary>
    public IReadOnlyList<int> IngressDescriptors => _relay.DescriptorsOf(IngressAddresses);

    /// <summary>The engine, the gate and everything else the server is made of.</summary>
    public IServiceProvider Services => _services.Provider;

    /// <summary>What the relay has done so far.</summary>
    public RelayCounters Counters => _relay.Counters;

    /// <summary>Completes when another process has taken the listening sockets over; stop then. Never completes without a hand-over path.</summary>
    public Task HandedOver => _handover?.HandedOver ?? s_never;

    /// <summary>Buffers of the relay that hold bytes now.</summary>
    public int BuffersInUse => _relay.BuffersInUse;

    /// <summary>Loads the policies and starts listening.</summary>
    /// <exception cref="SidecarStartException">The options or the policies are bad, or an address cannot be listened on.</exception>
    public static async Task<SidecarServer> StartAsync(SidecarOptions options, CancellationToken cancellationToken = default)
    {
        Check(options);
        var services = new SidecarServices(options);
        SidecarServer? server = null;
        try
        {
            await services.StartAsync(cancellationToken).ConfigureAwait(false);
            server = new SidecarServer(options, services);
            await options.MayListen.ConfigureAwait(false);
            server.Listen();
            return server;
        }
        catch (Exception error)
        {
            if (server is not null)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }

            await services.DisposeAsync().ConfigureAwait(false);
            if (error is PolicyLoadException or OptionsValidationException)
            {
                throw new SidecarStartException(error.Message, error);
            }

            throw;
        }
    }

    /// <summary>
    /// Starts, runs until SIGTERM, SIGINT or cancellation, then stops: no new connections, running requests get
    /// <see cref="SidecarOptions.DrainLimit"/>.
    /// </summary>
    /// <param name="options">The settings.</param>
    /// <param name="started">Called once the server listens; null = nobody needs to know.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    /// <exception cref="SidecarStartException">As <see cref="StartAsync"/>.</exception>
    public static async Task RunAsync(SidecarOptions options, Action<SidecarServer>? started, CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true; // stopping is ours to do, in order
            stop.Cancel();
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        var server = await StartAsync(options, stop.Token).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            started?.Invoke(server);
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using (stop.Token.Register(stopped.SetResult))
            {
                await Task.WhenAny(stopped.Task, server.HandedOver).ConfigureAwait(false);
            }

            await server.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Stops accepting, waits for running requests up to the drain limit, then cuts off the rest.</summary>
    /// <param name="cancellationToken">Cuts off at once when cancelled.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_handover is not null)
        {
            await _handover.StopAsync().ConfigureAwait(false); // what is closing cannot be handed over
        }

        await Task.WhenAll(
            _relay.StopAsync(_options.DrainLimit, cancellationToken),
            _http2.StopAsync(cancellationToken),
            StopLearningAsync()).ConfigureAwait(false);
        await _services.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    void IHandingOver.Asked() => _names?.Write();

    // From here on the next process decides what is let through, so it has to know what is learned here before the client does.
    void IHandingOver.Yield()
    {
        if (_names is not null)
        {
            _dns?.Follow(Services.GetRequiredService<PolicyEngine>().Identities, TellNames);
        }

        _redirection?.Yield();
        _names?.Write();
    }

    void IHandingOver.Resume()
    {
        _dns?.Unfollow();
        _redirection?.Resume();
    }

    public async ValueTask DisposeAsync()
    {
        if (_handover is not null)
        {
            await _handover.StopAsync().ConfigureAwait(false);
        }

        if (_tls is not null)
        {
            // The clients of a command that has ended are gone: why they went is still to be told.
            await _tls.SettleAsync(s_settling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _relay.StopAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        _relay.Dispose();
        await _http2.DisposeAsync().ConfigureAwait(false);
        if (_tls is not null)
        {
            await _tls.DisposeAsync().ConfigureAwait(false);
        }

        if (_dns is not null)
        {
            await _dns.DisposeAsync().ConfigureAwait(false);
        }

        if (_names is not null)
        {
            await _names.DisposeAsync().ConfigureAwait(false);
        }

        if (_handover is not null)
        {
            await _handover.DisposeAsync().ConfigureAwait(false); // the next process has been told of all names
        }

        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private void TellNames()
    {
        _ = _names!.Write();
        _handover?.TellNames();
    }

    // The next process waits for the last names of this one: they are written before connections have drained.
    private async Task StopLearningAsync()
    {
        if (_dns is not null)
        {
            await _dns.StopAsync(_options.DrainLimit).ConfigureAwait(false);
        }

        if (_names is not null)
        {
            await _names.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The process before serves until this one does.
    private void Listen()
    {
        using var inherited = Inherit();
        Addresses = [.. _options.Listen.Select(address => Listen(address, inherited))];
        if (_options.Transparent is { } transparent)
        {
            ListenForRedirected(transparent, inherited);
        }

        if (_dns is not null)
        {
            var resolvers = new ConfiguredResolvers(_options.DnsUpstreams);
            if (_options.Transparent is { Egress: true, Datagrams: { } datagrams })
            {
                SlotBase = _dns.ListenAtSlots(_options.Dns.Slots, datagrams, _options.Transparent.EarlierSlotBase, inherited);
            }

            DnsAddresses = [.. _options.DnsListen.Select(address => _dns.Listen(address, resolvers, inherited))];
        }

        if (_options.ServesNamedDestinations)
        {
            ProxyAddresses = _relay.ListenOnLoopback(0, NamedEgress.Instance);
        }

        // Whatever can fail comes before the first connection is accepted: the process before still serves them all then.
        if (_options.Bound is not null)
        {
            inherited?.Yield();
        }

        NamesWarning = _names?.Read() ?? string.Empty;
        _redirection = _options.Bound?.Invoke(this);
        IReadOnlyList<int> sockets = [.. _relay.ListeningDescriptors, .. _dns?.ListeningDescriptors ?? []];
        if (_options.HandoverPath is { } path)
        {
            _handover = HandoverSocket.Open(path, sockets, this);
        }

        _relay.Start();
        _dns?.Start();
        _names?.Start();
        inherited?.Confirm(_names is null ? null : () => _names.Read());
        _options.Keeper?.Keep(sockets);
    }

    private InheritedListeners? Inherit()
    {
        var handedOver = _options.Inherited ?? (_options.HandoverPath is { } path ? InheritedListeners.Take(path) : null);
        if (_options.Keeper is not { } keeper)
        {
            return handedOver;
        }

        if (handedOver is null)
        {
            return InheritedListeners.Kept(keeper.Take());
        }

        handedOver.Add(keeper.Take());
        return handedOver;
    }

    private IPEndPoint Listen(IPEndPoint address, InheritedListeners? inherited) =>
        inherited is not null && inherited.TryTake(address, out var descriptor)
            ? _relay.Adopt(descriptor, address, Forwarded.Instance)
            : _relay.Listen(address);

    private void ListenForRedirected(TransparentOptions options, InheritedListeners? inherited)
    {
        if (options.Egress)
        {
            EgressAddresses = ListenOnLoopback(options.EgressPort, new RedirectedEgress(options.Sockets), inherited);
        }

        if (options.Ingress)
        {
            IngressAddresses = ListenOnLoopback(options.IngressPort, new RedirectedIngress(options.Sockets, options.NeedsClientShown), inherited);
        }
    }

    // The process before has both sockets of a pair, or the only one there can be.
    private IReadOnlyList<IPEndPoint> ListenOnLoopback(ushort port, IConnectionOrigin origin, InheritedListeners? inherited)
    {
        IPEndPoint[] pair = [new(IPAddress.Loopback, port), new(IPAddress.IPv6Loopback, port)];
        if (port == 0 || inherited is null || !inherited.TryTake(pair[0], out var first))
        {
            return _relay.ListenOnLoopback(port, origin);
        }

        _relay.Adopt(first, pair[0], origin);
        return inherited.TryTake(pair[1], out var second) ? [pair[0], _relay.Adopt(second, pair[1], origin)] : [pair[0]];
    }

    private static void Check(SidecarOptions options)
    {
        if (options.DnsListen.Count > 0 && options.DnsUpstreams.Count == 0)
        {
            throw new SidecarStartException("there is an address to take DNS queries at, but no resolver to ask");
        }

        if (options.Listen.Count == 0)
        {
            if (!options.ServesNamedDestinations && options.DnsListen.Count == 0 && options.Transparent is not { Egress: true } and not { Ingress: true })
            {
                throw new SidecarStartException("there is no address to listen on");
            }

            return;
        }

        var upstream = options.Upstream ?? throw new SidecarStartException("there is an address to listen on, but no upstream");
        if (!upstream.IsAbsoluteUri || upstream.Scheme != Uri.UriSchemeHttp || upstream.PathAndQuery != "/" || upstream.UserInfo.Length > 0)
        {
            throw new SidecarStartException($"upstream '{upstream}' is not of the form http://host:port");
        }
    }
}
