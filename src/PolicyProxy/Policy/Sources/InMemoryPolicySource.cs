using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Policy.Sources;

/// <summary>Policies from texts in memory, for tests and for callers that get their policies elsewhere. Thread-safe.</summary>
internal sealed class InMemoryPolicySource : IPolicySource, IDisposable
{
    private readonly PolicyReadOptions _options;
    private readonly ChangeSignal _signal = new();
    private readonly Lock _lock = new();
    private IReadOnlyList<(string File, string Text)> _texts;

    public InMemoryPolicySource(IEnumerable<(string File, string Text)> texts, PolicyReadOptions? options = null)
    {
        _options = options ?? PolicyReadOptions.Default;
        _texts = [.. texts];
    }

    /// <inheritdoc/>
    public PolicyInput GetPolicies()
    {
        lock (_lock)
        {
            var reading = PolicyYamlReader.Read(_texts, _options);
            return new PolicyInput(reading.Objects, reading.Diagnostics, ContentRevision.Of(_texts), _signal.Token);
        }
    }

    /// <summary>Replaces all texts and signals the change.</summary>
    public void Update(IEnumerable<(string File, string Text)> texts)
    {
        lock (_lock)
        {
            _texts = [.. texts];
            _signal.Fire();
        }
    }

    public void Dispose() => _signal.Dispose();
}
