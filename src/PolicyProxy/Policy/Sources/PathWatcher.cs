namespace PolicyProxy.Policy.Sources;

/// <summary>
/// Reports file events below a directory, or in the directory of a file. A mounted ConfigMap changes by renaming one hidden link in that directory, so
/// every name counts. Without a working watcher (missing directory, no inotify left) it is silent until <see cref="Ensure"/> succeeds.
/// </summary>
internal sealed class PathWatcher : IDisposable
{
    private readonly string _path;
    private readonly Action _changed;
    private readonly Lock _lock = new();
    private FileSystemWatcher? _watcher;
    private bool _disposed;

    public PathWatcher(string path, Action changed)
    {
        _path = Path.GetFullPath(path);
        _changed = changed;
        Ensure();
    }

    /// <summary>Starts watching if it is not running, and stops when the directory is gone.</summary>
    public void Ensure()
    {
        lock (_lock)
        {
            var isDirectory = Directory.Exists(_path);
            var directory = isDirectory ? _path : Path.GetDirectoryName(_path);
            if (_watcher is not null && _watcher.Path != directory)
            {
                Stop();
            }

            if (!_disposed && _watcher is null && Directory.Exists(directory))
            {
                _watcher = TryStart(directory, isDirectory);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Stop();
        }
    }

    private FileSystemWatcher? TryStart(string directory, bool isDirectory)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = isDirectory };
            watcher.Changed += (_, _) => _changed();
            watcher.Created += (_, _) => _changed();
            watcher.Deleted += (_, _) => _changed();
            watcher.Renamed += (_, _) => _changed();
            watcher.Error += (_, _) => OnError();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The limit of inotify instances is a common cause; polling goes on.
            watcher?.Dispose();
            return null;
        }
    }

    /// <summary>Events were lost: compare, and start afresh at the next <see cref="Ensure"/>.</summary>
    private void OnError()
    {
        lock (_lock)
        {
            Stop();
        }

        _changed();
    }

    private void Stop()
    {
        _watcher?.Dispose();
        _watcher = null;
    }
}
