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
    private readonly Lock _publishing = new();
    private volatile EngineState? _state;
    private ulong _revision;

    /// <summary>Creates an engine without policies: until the first successful <see cref="Publish(PolicyInput)"/> everything is denied.</summary>
    public PolicyEngine(PolicyCompilerOptions options)
    {
        Options = options;
        Identities = new IdentityTable(options.ClusterName, options.Learning);
        Identities.Changed += OnIdentitiesChanged;
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
        ArgumentNullException.ThrowIfNull(input);
        return Publish(input, dropInvalid: false);
    }

    /// <summary>Publishes the source's policies now and again whenever they change. Dispose the result to stop watching.</summary>
    /// <returns>The first compilation and the subscription.</returns>
    public (PolicyCompilation First, IDisposable Subscription) Watch(IPolicySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var watch = new PolicyWatch(this, source, out var first);
        return (first, watch);
    }

    /// <summary>Stops following the identities. The policies in force stay in force.</summary>
    public void Dispose() => Identities.Changed -= OnIdentitiesChanged;

    internal PolicyCompilation Publish(PolicyInput input, bool dropInvalid)
    {
        PolicyCompilation compilation;
        lock (_publishing)
        {
            compilation = PolicyCompiler.Compile(input.Objects, input.Diagnostics, Options, _revision + 1, dropInvalid);
            if (compilation.Snapshot is { } snapshot)
            {
                _revision++;
                _state = new EngineState(snapshot, Identities.Adopt(snapshot.Scope, input.Objects))
                {
                    BindsNames = Options.FqdnBinding == FqdnBinding.Strict,
                };
            }
        }

        Compiled?.Invoke(this, compilation);
        return compilation;
    }

    private void OnIdentitiesChanged(object? sender, EventArgs e)
    {
        lock (_publishing)
        {
            if (_state is { } state)
            {
                _state = state with { Identities = Identities.Current };
            }
        }
    }
}
