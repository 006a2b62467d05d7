using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Testing;

/// <summary>
/// Policies in a unit test, without sockets and without a host: judged by the very engine that enforces them. Not thread-safe; one test, one object.
/// </summary>
/// <remarks>Host names need no DNS: each stands for an address of its own, as if a resolver had given it. <c>toFQDNs</c> is true to the name.</remarks>
public sealed class PoliciesUnderTest : IDisposable
{
    private readonly PolicyEngine _engine;
    private readonly FlowPublisher _flows = new();
    private readonly Dictionary<string, IPAddress> _names = new(StringComparer.OrdinalIgnoreCase);
    private byte _nextAddress;

    private PoliciesUnderTest(IEnumerable<IPolicySource> sources)
    {
        _engine = new PolicyEngine(new PolicyCompilerOptions());
        Gate = new PolicyGate(_engine, _flows, TimeProvider.System);
        var compilation = _engine.Publish(Join([.. sources.Select(static source => source.GetPolicies())]));
        if (!compilation.Succeeded)
        {
            throw new PolicyAssertionException("The policies were refused:\n" + string.Join('\n', compilation.Diagnostics));
        }
    }

    internal PolicyGate Gate { get; }

    /// <summary>Reads files, or folders with everything below them, as <c>FromFiles</c> does.</summary>
    /// <exception cref="PolicyAssertionException">They cannot be used; the message has every error.</exception>
    public static PoliciesUnderTest FromFiles(params IEnumerable<string> paths)
    {
        var sources = paths.Select(static path => new FilePolicySource(path, new FilePolicySourceOptions { UseFileEvents = false })).ToList();
        try
        {
            return new PoliciesUnderTest(sources);
        }
        finally
        {
            sources.ForEach(static source => source.Dispose());
        }
    }

    /// <summary>Reads YAML text; documents are separated by <c>---</c>.</summary>
    /// <exception cref="PolicyAssertionException">It cannot be used; the message has every error.</exception>
    public static PoliciesUnderTest FromText(string yaml)
    {
        using var source = new InMemoryPolicySource([("inline", yaml)]);
        return new PoliciesUnderTest([source]);
    }

    /// <summary>A workload, known by its labels as <c>PolicyProxyOptions.Labels</c> has them.</summary>
    /// <param name="labels"><c>app=web,tier=front</c>.</param>
    /// <param name="space">Its namespace, unless the labels name one.</param>
    public WorkloadUnderTest Workload(string labels, string space = "default") => new(this, labels, Identity(labels, space));

    /// <summary>Says which address a host name has, for policies that speak of the address or of the pod behind it.</summary>
    public void Resolve(string name, IPAddress address)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _names[name] = address;
        _engine.Identities.Learn(name, address, DateTimeOffset.MaxValue);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        _ = _flows.DisposeAsync().AsTask();
    }

    internal Identity Identity(string labels, string space) => _engine.Identities.GetWorkload(new LabelSet(
        [new Label(Label.KubernetesSource, ReservedLabels.NamespaceKey, space), .. LabelSet.Parse(labels).Labels]));

    /// <summary>The address of a host; loopback is the entity <c>host</c>, as for every client in process.</summary>
    internal (IPAddress Address, Identity? Peer) AddressOf(Uri uri)
    {
        if (uri.IsLoopback || (IPAddress.TryParse(uri.IdnHost, out var literal) && IPAddress.IsLoopback(literal)))
        {
            return (IPAddress.Loopback, _engine.Identities.GetReserved(ReservedLabels.Host));
        }

        if (IPAddress.TryParse(uri.IdnHost, out literal))
        {
            return (literal, null);
        }

        if (!_names.TryGetValue(uri.IdnHost, out var address))
        {
            // RFC 5737: addresses that belong to nobody.
            address = new IPAddress([198, 51, 100, ++_nextAddress]);
            Resolve(uri.IdnHost, address);
        }

        return (address, null);
    }

    private static PolicyInput Join(IReadOnlyList<PolicyInput> inputs) => inputs.Count == 1 ? inputs[0] : PolicyInputs.Join(inputs);
}
