using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Policy.Sources;

/// <summary>
/// Policies from a file or a directory tree. Watches by file events and, because not every file system sends them, by polling; both only prompt a
/// comparison of the content's hash, so a touched but equal file is no change. Thread-safe.
/// </summary>
internal sealed class FilePolicySource : IPolicySource, IDisposable
{
    private readonly string _path;
    private readonly FilePolicySourceOptions _options;
    private readonly ChangeSignal _signal = new();
    private readonly Lock _reading = new();
    private readonly PathWatcher? _watcher;
    private readonly ITimer _debounce;
    private readonly ITimer _poll;
    private string? _lastRevision;
    private bool _disposed;

    public FilePolicySource(string path, FilePolicySourceOptions? options = null)
    {
        _path = path;
        _options = options ?? new FilePolicySourceOptions();
        _debounce = _options.TimeProvider.CreateTimer(_ => Compare(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watcher = _options.UseFileEvents ? new PathWatcher(path, () => _debounce.Change(_options.Debounce, Timeout.InfiniteTimeSpan)) : null;
        _poll = _options.TimeProvider.CreateTimer(_ => Poll(), null, _options.PollInterval, _options.PollInterval);
    }

    /// <inheritdoc/>
    public PolicyInput GetPolicies()
    {
        lock (_reading)
        {
            // The token comes first: a change during reading then fires the token the caller gets.
            var token = _signal.Token;
            var content = PolicyFileContent.Read(_path, _options);
            var reading = PolicyYamlReader.Read(content.Texts, _options.Reading);
            _lastRevision = content.RevisionId;
            return new PolicyInput(reading.Objects, [.. content.Diagnostics, .. reading.Diagnostics], content.RevisionId, token);
        }
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _poll.Dispose();
        _debounce.Dispose();
        lock (_reading)
        {
            _disposed = true;
            _signal.Dispose();
        }
    }

    private void Poll()
    {
        _watcher?.Ensure();
        Compare();
    }

    private void Compare()
    {
        lock (_reading)
        {
            // Nobody has read yet: there is nothing a change could be compared with.
            if (_disposed || _lastRevision is null)
            {
                return;
            }

            var revision = PolicyFileContent.Read(_path, _options).RevisionId;
            if (revision != _lastRevision)
            {
                // Signalled once per content: the next signal needs another change, or a reader.
                _lastRevision = revision;
                _signal.Fire();
            }
        }
    }
}
