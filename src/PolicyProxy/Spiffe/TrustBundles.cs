using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Spiffe;

/// <summary>
/// The bundles of all trust domains, read again when their files change: by file events and, because not every file system sends them, by polling.
/// A file that cannot be used leaves the last good bundle in force. Thread-safe.
/// </summary>
internal sealed class TrustBundles : IDisposable
{
    private static readonly TimeSpan s_debounce = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<KeyValuePair<string, string>> _files;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly List<PathWatcher> _watchers = [];
    private readonly ITimer _debounce;
    private readonly ITimer? _poll;
    private volatile FrozenDictionary<string, TrustBundle> _current = FrozenDictionary<string, TrustBundle>.Empty;
    private bool _disposed;

    /// <summary>Reads the bundles and watches their files.</summary>
    /// <param name="files">PEM files by trust domain.</param>
    /// <param name="time">Clock of the timers.</param>
    /// <param name="logger">Where reloads and what is wrong with them go.</param>
    public TrustBundles(IEnumerable<KeyValuePair<string, string>> files, TimeProvider time, ILogger logger)
    {
        _files = [.. files];
        _logger = logger;
        _debounce = time.CreateTimer(_ => Reload(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Problems = Reload();
        _watchers.AddRange(_files.Select(file => new PathWatcher(file.Value, () => _debounce.Change(s_debounce, Timeout.InfiniteTimeSpan))));
        _poll = _files.Count == 0 ? null : time.CreateTimer(_ => Poll(), null, s_pollInterval, s_pollInterval);
    }

    /// <summary>What was wrong when the files were first read.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>The bundles in force, by trust domain; another object after every change.</summary>
    public FrozenDictionary<string, TrustBundle> Current => _current;

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _poll?.Dispose();
        _debounce.Dispose();
        foreach (var watcher in _watchers)
        {
            watcher.Dispose();
        }
    }

    /// <summary>Reads the files again; what is wrong with them.</summary>
    internal IReadOnlyList<string> Reload()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return [];
            }

            var bundles = _current.ToDictionary(StringComparer.Ordinal);
            var changed = new List<string>();
            foreach (var (domain, path) in _files)
            {
                if (Read(domain, path, bundles))
                {
                    changed.Add(domain);
                }
            }

            if (changed.Count > 0)
            {
                _current = bundles.ToFrozenDictionary(StringComparer.Ordinal);
            }

            foreach (var domain in changed) // now they are
            {
                Log.TrustBundleInForce(_logger, domain, bundles[domain].Roots.Count);
            }

            return [.. _problems.Values];
        }
    }

    private void Poll()
    {
        foreach (var watcher in _watchers)
        {
            watcher.Ensure();
        }

        _ = Reload();
    }

    // True if there is another bundle.
    private bool Read(string domain, string path, Dictionary<string, TrustBundle> bundles)
    {
        if (TrustBundle.Read(path, out var error) is not { } bundle)
        {
            if (!_problems.TryGetValue(domain, out var known) || known != error)
            {
                _problems[domain] = error;
                Log.TrustBundleRefused(_logger, domain, error);
            }

            return false;
        }

        _ = _problems.Remove(domain);
        if (bundles.TryGetValue(domain, out var current) && current.Content == bundle.Content)
        {
            return false;
        }

        bundles[domain] = bundle;
        return true;
    }
}
