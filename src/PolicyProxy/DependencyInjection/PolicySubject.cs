using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.DependencyInjection;

/// <summary>
/// The workload whose policies are enforced. Its identity is looked up again after every reload, because the labels of its namespace
/// come from the same files as the policies. Thread-safe.
/// </summary>
internal sealed class PolicySubject
{
    private readonly PolicyEngine _engine;
    private readonly LabelSet _labels;
    private readonly NamedPort[] _namedPorts;
    private volatile Identity? _identity;

    public PolicySubject(PolicyEngine engine, PolicyProxyOptions options)
    {
        _engine = engine;
        _labels = options.SubjectLabels;
        _namedPorts = [.. options.NamedPorts.Select(static port => new NamedPort(port.Key, (ushort)port.Value, "TCP"))];
        engine.Compiled += (_, compilation) =>
        {
            if (compilation.Succeeded)
            {
                _identity = null;
            }
        };
    }

    /// <summary>The subject's identity by the policies in force.</summary>
    public Identity Identity => _identity ??= Resolve();

    private Identity Resolve()
    {
        var workload = _engine.Identities.GetWorkload(_labels);
        return _namedPorts.Length == 0 ? workload : new Identity(workload.Id, workload.Labels, workload.Cidr, _namedPorts);
    }
}
