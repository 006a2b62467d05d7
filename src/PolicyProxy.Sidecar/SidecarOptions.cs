using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Decrypting;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Handover;
using PolicyProxy.Sidecar.Terminating;

namespace PolicyProxy.Sidecar;

/// <summary>Settings of one <see cref="SidecarServer"/>. Immutable.</summary>
internal sealed record SidecarOptions
{
    /// <summary>Policy files and folders. May be empty if <see cref="Configure"/> names a source.</summary>
    public IReadOnlyList<string> PolicyPaths { get; init; } = [];

    /// <summary>Files and folders with the Pods, Namespaces, Nodes, Services and Secrets policies refer to.</summary>
    public IReadOnlyList<string> InventoryPaths { get; init; } = [];

    /// <summary>Labels of the workload behind the sidecar, the subject of the policies. Without a namespace label it is in <c>default</c>.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>Addresses clients connect to; at least one, unless <see cref="Transparent"/> listens. Port 0 = any free port.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [];

    /// <summary>Where allowed requests of those clients go: <c>http://host:port</c>, without path. Not used, and may be null, without such addresses.</summary>
    public Uri? Upstream { get; init; }

    /// <summary>Serves redirected connections. Null = none.</summary>
    public TransparentOptions? Transparent { get; init; }

    /// <summary>True also listens on a free port of 127.0.0.1 and [::1] as a proxy whose clients name their destinations: egress of the workload.</summary>
    public bool ServesNamedDestinations { get; init; }

    /// <summary>See <see cref="Sidecar.UpstreamProtocol"/>.</summary>
    public UpstreamProtocol UpstreamProtocol { get; init; }

    /// <summary>Destination port the policies speak of. Default null: the upstream's port, because that is the workload's own. Redirected connections are judged by their own port.</summary>
    public ushort? PolicyPort { get; init; }

    /// <summary>Container ports of the workload by name.</summary>
    public IReadOnlyDictionary<string, ushort> NamedPorts { get; init; } = new Dictionary<string, ushort>();

    /// <summary>True reports what would be denied and lets it through.</summary>
    public bool Audit { get; init; }

    /// <summary>When policies are in force.</summary>
    public EnforcementMode Enforcement { get; init; }

    /// <summary>Name of the local cluster. Default <c>default</c>, Cilium's <c>cluster-name</c>.</summary>
    public string ClusterName { get; init; } = "default";

    /// <summary>Text of a denial. Default <c>Access denied</c>, Cilium's <c>http-403-msg</c>.</summary>
    public string DenyMessage { get; init; } = "Access denied";

    /// <summary>What a client sees whose connection is not admitted.</summary>
    public RefusedConnection RefusedConnection { get; init; }

    /// <summary>See <see cref="PolicyCompilerOptions.CiliumCompatible"/>.</summary>
    public bool CiliumCompatible { get; init; }

    /// <summary>Decrypts TLS of the workload's egress where rules need what is inside. Null = such connections are refused.</summary>
    public DecryptionOptions? Decryption { get; init; }

    /// <summary>What Kafka clients get to see.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>See <see cref="PolicyCompilerOptions.FqdnBinding"/>.</summary>
    public FqdnBinding FqdnBinding { get; init; }

    /// <summary>See <see cref="PolicyCompilerOptions.IgnoreUnknownFields"/>.</summary>
    public bool IgnoreUnknownFields { get; init; }

    /// <summary>
    /// Longest wait for running requests when stopping; what still runs then is cut off. Default 30 seconds, Kubernetes'
    /// <c>terminationGracePeriodSeconds</c> and .NET's <c>HostOptions.ShutdownTimeout</c>.
    /// </summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for a connection to the upstream. Default 2 seconds, Cilium's <c>proxy-connect-timeout</c>.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest silence in both directions of one request. Default 300 seconds, the stream idle timeout of Cilium's listeners.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// Unix socket over which a new process of the same user takes the listening sockets over from this one, and this one from the one
    /// before. Null = no hand-over.
    /// </summary>
    public string? HandoverPath { get; init; }

    /// <summary>The sockets of the process before, if they have been asked for already; owned by the server once it starts. Null = it asks.</summary>
    public InheritedListeners? Inherited { get; init; }

    /// <summary>
    /// Called when all sockets are bound and before anything is taken from them: brings the traffic there. What it gives back has its part in
    /// the hand-over to the next process; this one asks the process before to <see cref="IHandingOver.Yield"/> first. Null = traffic comes by itself.
    /// </summary>
    public Func<SidecarServer, IHandingOver>? Bound { get; init; }

    /// <summary>Keeps the sockets for the next process if this one dies. Null = nobody does.</summary>
    public KeptSockets? Keeper { get; init; }

    /// <summary>Secret with the certificate and key of the listeners, <c>NAMESPACE/NAME</c>: clients speak TLS then. Null = they speak in the open.</summary>
    public string? ListenerSecret { get; init; }

    /// <summary>See <see cref="DependencyInjection.PolicyProxyOptions.TrustDomains"/>; for clients of listeners that speak TLS.</summary>
    public IReadOnlyDictionary<string, string> TrustDomains { get; init; } = new Dictionary<string, string>();

    /// <summary>File in which learned names outlive the process. Null = they do not.</summary>
    public string? NamesPath { get; init; }

    /// <summary>The file of an instance: outlives a process, but not the machine's next start.</summary>
    public static string NamesPathOf(string instance) => $"/run/policyproxy/{instance}.names";

    /// <summary>Bounds of the relay; <see cref="ConnectTimeout"/> and <see cref="IdleTimeout"/> are taken from here.</summary>
    public RelayOptions Relay { get; init; } = new();

    /// <summary>Bounds of HTTP/2 connections; heads are bounded as the relay's.</summary>
    public Http2Options Http2 { get; init; } = new();

    /// <summary>Where clients that were told to send their DNS queries, over UDP and TCP. Default none.</summary>
    public IReadOnlyList<IPEndPoint> DnsListen { get; init; } = [];

    /// <summary>The resolvers that queries at <see cref="DnsListen"/> go to, in order of preference.</summary>
    public IReadOnlyList<IPEndPoint> DnsUpstreams { get; init; } = [];

    /// <summary>How a denied query is answered: REFUSED (default) or NXDOMAIN.</summary>
    public DnsResponseCode DnsDeniedCode { get; init; } = DnsResponseCode.Refused;

    /// <summary>Bounds of the DNS proxy.</summary>
    public DnsProxyOptions Dns { get; init; } = new();

    /// <summary>Policies are loaded meanwhile, but no socket listens before it completes; if it fails, so does the start.</summary>
    public Task MayListen { get; init; } = Task.CompletedTask;

    /// <summary>Adds policy sources and flow observers; null = none.</summary>
    public Action<IPolicyProxyBuilder>? Configure { get; init; }

    /// <summary>Adds log providers; null = no log.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }
}
