using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Enforcement.Dns;
using PolicyProxy.Enforcement.Kafka;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Sidecar.Decrypting;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar;

/// <summary>
/// The policy engine of a sidecar and what feeds it: the services of <c>AddPolicyProxy</c>, without the web host that starts them elsewhere,
/// because the relay needs none and most sidecars never see HTTP/2.
/// </summary>
internal sealed class SidecarServices : IAsyncDisposable
{
    private readonly ServiceProvider _provider;
    private readonly List<IHostedService> _started = [];

    public SidecarServices(SidecarOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => options.Logging?.Invoke(logging));
        services.AddMetrics();
        var policies = services.AddPolicyProxy(proxy => Copy(options, proxy));
        foreach (var path in options.PolicyPaths.Concat(options.InventoryPaths))
        {
            policies.FromFiles(path);
        }

        options.Configure?.Invoke(policies);
        _provider = services.BuildServiceProvider();
    }

    public IServiceProvider Provider => _provider;

    /// <summary>Checks the options and loads the policies.</summary>
    /// <exception cref="OptionsValidationException">An option is bad.</exception>
    /// <exception cref="PolicyLoadException">The policies are bad.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _provider.GetService<IStartupValidator>()?.Validate();
        foreach (var service in _provider.GetServices<IHostedService>())
        {
            if (service is IHostedLifecycleService early)
            {
                await early.StartingAsync(cancellationToken).ConfigureAwait(false);
            }

            await service.StartAsync(cancellationToken).ConfigureAwait(false);
            _started.Add(service);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var service in _started)
        {
            await service.StopAsync(cancellationToken).ConfigureAwait(false);
        }

        _started.Clear();
    }

    /// <summary>What the loops of a relay share.</summary>
    /// <param name="options">The sidecar's options.</param>
    /// <param name="handOver">Takes over connections that speak HTTP/2.</param>
    /// <param name="dns">Takes over connections that ask for names; null = nobody does.</param>
    /// <param name="tls">Takes over connections that speak TLS and whose inside has to be judged; null = nobody does.</param>
    /// <param name="maxConnections">Most connections at a time.</param>
    public RelayShared CreateShared(SidecarOptions options, Action<int, ConnectionPermit, UpstreamRoute?> handOver, DnsProxy? dns, TlsDecryptor? tls, int maxConnections)
    {
        var door = _provider.GetRequiredService<HttpDoor>();
        var relay = options.Relay with
        {
            ConnectTimeout = options.ConnectTimeout,
            IdleTimeout = options.IdleTimeout,

            // another version upstream means that somebody has to look into the connection
            PassThrough = options.Relay.PassThrough && options.UpstreamProtocol == UpstreamProtocol.SameAsClient,
        };
        var logger = _provider.GetRequiredService<ILoggerFactory>().CreateLogger("PolicyProxy.Relay");
        var upstream = options is { Listen.Count: > 0, Upstream: { } to } ? UpstreamAddresses.Resolve(to, door.Time) : null;
        return new RelayShared
        {
            Options = relay,
            Door = door,
            Kafka = new KafkaDoor(door.Gate) { HidesTopics = options.Kafka.HidesTopics, PrefersNames = options.Kafka.PrefersNames },
            Engine = _provider.GetRequiredService<PolicyEngine>(),
            Upstream = upstream,
            AnswerTls = options is { ListenerSecret: { } secret, Decryption: { } decryption } && upstream is not null
                ? CreateListenerTls(secret, decryption, door, upstream, logger).Accept
                : null,
            HandOver = handOver,
            ServeDns = dns is null ? null : dns.Serve,
            Decrypt = tls is null ? null : tls.Accept,
            Originate = tls is null ? null : tls.Originate,
            OnFault = error => Log.RelayFault(logger, error),
            Names = new DestinationNames(relay.ResolveTimeout),
            Budget = new BufferBudget(Math.Max(relay.MaxBufferedBytes / relay.BufferBytes, 1)),
            MaxConnections = maxConnections,
            Replies = new RelayReplies(),
        };
    }

    private static ListenerTls CreateListenerTls(string secret, DecryptionOptions decryption, HttpDoor door, UpstreamAddresses upstream, ILogger logger)
    {
        var slash = secret.IndexOf('/', StringComparison.Ordinal);
        var context = new TlsContext(secret[..Math.Max(slash, 0)], secret[(slash + 1)..], "ca.crt", "tls.crt", "tls.key");
        var listener = new ListenerTls(context, decryption, door, upstream)
        {
            OnFault = error => Log.RelayFault(logger, error),
            OnSecretNotUsed = (name, reason) => Log.TlsSecretNotUsed(logger, name, reason),
        };
        return listener.Problem is { Length: > 0 } problem ? throw new SidecarStartException($"clients cannot be answered over TLS: {problem}") : listener;
    }

    /// <summary>What decrypts TLS.</summary>
    public TlsDecryptor CreateDecryptor(SidecarOptions options, DecryptionOptions decryption)
    {
        var door = _provider.GetRequiredService<HttpDoor>();
        var logger = _provider.GetRequiredService<ILoggerFactory>().CreateLogger("PolicyProxy.Relay");
        return new TlsDecryptor(decryption, door.Gate, door.Time, options.ConnectTimeout)
        {
            OnFault = error => Log.RelayFault(logger, error),
            OnSecretNotUsed = (secret, reason) => Log.TlsSecretNotUsed(logger, secret, reason),
        };
    }

    /// <summary>What keeps learned names in a file.</summary>
    public KeptNames CreateNames(string path) => new(
        path,
        _provider.GetRequiredService<PolicyEngine>().Identities,
        _provider.GetRequiredService<HttpDoor>().Time,
        _provider.GetRequiredService<ILoggerFactory>().CreateLogger("PolicyProxy.Names"));

    /// <summary>The proxy for DNS queries.</summary>
    public DnsProxy CreateDns(SidecarOptions options)
    {
        var door = _provider.GetRequiredService<HttpDoor>();
        var logger = _provider.GetRequiredService<ILoggerFactory>().CreateLogger("PolicyProxy.Dns");
        var judge = new DnsDoor(door.Gate, _provider.GetRequiredService<FlowPublisher>(), door.Time)
        {
            Subject = door.Subject,
            Identities = _provider.GetRequiredService<PolicyEngine>().Identities,
            Audit = options.Audit,
            DeniedCode = options.DnsDeniedCode,
            Limits = options.Dns.Messages,
        };
        return new DnsProxy(judge, options.Dns, error => Log.DnsFault(logger, error));
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    private static void Copy(SidecarOptions options, PolicyProxyOptions proxy)
    {
        proxy.Labels = string.Join(',', options.Labels.Labels);
        proxy.PolicyPort = options.PolicyPort ?? options.Upstream?.Port;
        proxy.Audit = options.Audit;
        proxy.Enforcement = options.Enforcement;
        proxy.ClusterName = options.ClusterName;
        proxy.DenyMessage = options.DenyMessage;
        proxy.RefusedConnection = options.RefusedConnection;
        proxy.CiliumCompatible = options.CiliumCompatible;
        proxy.FqdnBinding = options.FqdnBinding;
        proxy.IgnoreUnknownFields = options.IgnoreUnknownFields;
        foreach (var (domain, file) in options.TrustDomains)
        {
            proxy.TrustDomains[domain] = file;
        }

        foreach (var (name, port) in options.NamedPorts)
        {
            proxy.NamedPorts[name] = port;
        }
    }
}
