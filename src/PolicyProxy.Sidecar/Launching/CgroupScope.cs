using System.Diagnostics;
using System.Globalization;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// The two cgroups of one run: <c>workload</c> for the command and everything it starts, <c>proxy</c> for the sockets that take redirected
/// connections. Disposing ends what is left in <c>workload</c> and removes both.
/// </summary>
internal sealed class CgroupScope : IAsyncDisposable
{
    /// <summary>The directory below the mount that holds every instance.</summary>
    public const string Folder = "policyproxy";

    // Killed processes leave their cgroup when the kernel has torn them down; one stuck in a device may take its time.
    private static readonly TimeSpan s_removalLimit = TimeSpan.FromSeconds(10);

    private readonly string _instance;
    private readonly string _before;
    private bool _isInside;
    private bool _ended;

    private CgroupScope(string instance, string before, CgroupDirectory work, CgroupDirectory proxy) =>
        (_instance, _before, Work, Proxy) = (instance, before, work, proxy);

    /// <summary>Name of the instance.</summary>
    public string Instance => Path.GetFileName(_instance);

    /// <summary>Where the command runs.</summary>
    public CgroupDirectory Work { get; }

    /// <summary>Where this process is while it makes the sockets that take redirected connections: a socket stays in the cgroup it was made in.</summary>
    public CgroupDirectory Proxy { get; }

    /// <summary>Makes both cgroups.</summary>
    /// <param name="instance">Name of the instance; null = <c>run-PID</c>.</param>
    /// <exception cref="EnforcementException">There is no cgroup v2, or it may not be written to.</exception>
    public static CgroupScope Create(string? instance = null)
    {
        var mount = CgroupMount.Find();
        var directory = Path.Combine(mount.Point, Folder, instance ?? "run-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        var scope = new CgroupScope(
            directory,
            mount.DirectoryOf(File.ReadAllText("/proc/self/cgroup")),
            new CgroupDirectory(Path.Combine(directory, "workload")),
            new CgroupDirectory(Path.Combine(directory, "proxy")));
        try
        {
            scope.Work.Create();
            scope.Proxy.Create();
            return scope;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            scope.RemoveAll();
            throw Unusable(mount.Point, error);
        }
    }

    /// <summary>
    /// Moves this process into <see cref="Proxy"/>. The kernel waits some 10 ms before it moves anybody, and nobody can fork meanwhile; moves that
    /// follow soon cost nothing.
    /// </summary>
    /// <exception cref="EnforcementException">The kernel refuses.</exception>
    public void Enter() => Move(Proxy.Path);

    /// <summary>Moves this process back.</summary>
    /// <exception cref="EnforcementException">The kernel refuses.</exception>
    public void Leave() => Move(_before);

    /// <summary>Ends what is left in <c>workload</c> and waits until it is gone.</summary>
    /// <returns>The processes ended.</returns>
    /// <exception cref="IOException">The kernel does not get rid of them.</exception>
    public async Task<IReadOnlyList<Leftover>> EndWorkAsync()
    {
        var leftovers = Work.Processes.Select(Leftover.Of).ToList();
        if (leftovers.Count > 0)
        {
            Work.Kill();
            await UntilAsync(() => Work.Processes.Count == 0, Work.Path).ConfigureAwait(false);
        }

        return leftovers;
    }

    /// <summary>Ends what is left and removes the cgroups. Later calls do nothing.</summary>
    /// <exception cref="IOException">The cgroups cannot be removed.</exception>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        await EndWorkAsync().ConfigureAwait(false);
        if (_isInside)
        {
            Leave();
        }

        await UntilAsync(RemoveAll, _instance).ConfigureAwait(false);
    }

    private static EnforcementException Unusable(string path, Exception error) => new(
        $"cannot use the cgroups of this run below {path}: {error.Message.TrimEnd('.')}; run as root, with the cgroup2 file system mounted read-write", error);

    private void Move(string directory)
    {
        try
        {
            new CgroupDirectory(directory).Join();
            _isInside = directory == Proxy.Path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(directory, error);
        }
    }

    private async Task UntilAsync(Func<bool> isDone, string emptied)
    {
        var since = Stopwatch.GetTimestamp();
        while (!isDone())
        {
            if (Stopwatch.GetElapsedTime(since) > s_removalLimit)
            {
                throw new IOException($"cannot remove {_instance}: processes {string.Join(", ", Work.Processes.Concat(Proxy.Processes))} do not leave it");
            }

            Work.Kill();
            await CgroupEvents.WaitUntilEmptyAsync(emptied, s_removalLimit - Stopwatch.GetElapsedTime(since)).ConfigureAwait(false);
        }
    }

    private bool RemoveAll()
    {
        if (!Work.TryRemove() || !Proxy.TryRemove() || !new CgroupDirectory(_instance).TryRemove())
        {
            return false;
        }

        try
        {
            // Shared by all instances: the last one removes it.
            Directory.Delete(Path.GetDirectoryName(_instance)!);
        }
        catch (IOException)
        {
            // Another instance is in it, or has removed it.
        }

        return true;
    }
}
