using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Sources;
using PolicyProxy.TestKit.Flows;

namespace PolicyProxy.TestKit.Gates;

/// <summary>A gate over policies given as YAML, with a log of its flows.</summary>
internal sealed class TestGate : IDisposable
{
    private readonly InMemoryPolicySource _source;
    private readonly FlowPublisher _publisher = new();
    private readonly IDisposable _subscription;

    public TestGate(PolicyCompilerOptions options, params string[] yaml)
    {
        _source = new InMemoryPolicySource(Files(yaml));
        Engine = new PolicyEngine(options);
        (First, _subscription) = Engine.Watch(_source);
        Gate = new PolicyGate(Engine, _publisher, TimeProvider.System);
        Log = new FlowLog();
    }

    public TestGate(params string[] yaml)
        : this(new PolicyCompilerOptions(), yaml)
    {
    }

    /// <summary>What the engine said about the policies.</summary>
    public PolicyCompilation First { get; }

    public PolicyEngine Engine { get; }

    public PolicyGate Gate { get; }

    public FlowLog Log { get; }

    /// <summary>Starts observing; before this no flow is made.</summary>
    public TestGate Observed()
    {
        _publisher.Add(Log);
        return this;
    }

    /// <summary>Changes the source and waits until the engine has dealt with it.</summary>
    public void Update(params string[] yaml)
    {
        using var compiled = new ManualResetEventSlim();
        void OnCompiled(object? sender, PolicyCompilation compilation) => compiled.Set();
        Engine.Compiled += OnCompiled;
        _source.Update(Files(yaml));
        if (!compiled.Wait(TimeSpan.FromSeconds(60)))
        {
            throw new TimeoutException("the engine did not notice the change");
        }

        Engine.Compiled -= OnCompiled;
    }

    public Identity Workload(string labels) => Engine.Identities.GetWorkload(LabelSet.Parse(labels));

    /// <summary>A connection to the subject.</summary>
    public ConnectionTuple Ingress(string subject, string peer, ushort port, bool audit = false) => new()
    {
        Direction = TrafficDirection.Ingress,
        Subject = Workload(subject),
        Peer = Workload(peer),
        Protocol = TransportProtocol.Tcp,
        Port = port,
        Audit = audit,
    };

    /// <summary>A connection of the subject to an address.</summary>
    public ConnectionTuple Egress(string subject, string address, ushort port) => new()
    {
        Direction = TrafficDirection.Egress,
        Subject = Workload(subject),
        Destination = new IPEndPoint(IPAddress.Parse(address), port),
        Protocol = TransportProtocol.Tcp,
        Port = port,
    };

    public IReadOnlyList<FlowRecord> Flows() => Log.All();

    public void Dispose()
    {
        _subscription.Dispose();
        Engine.Dispose();
        _source.Dispose();

        // The log is called inline, so there is nothing to drain.
        _publisher.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static IEnumerable<(string File, string Text)> Files(string[] yaml) => yaml.Select((text, i) => ($"policy-{i}.yaml", text));
}
