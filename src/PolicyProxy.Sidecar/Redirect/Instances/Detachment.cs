using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Sidecar.Redirect.Instances;

/// <summary>
/// Removes what an instance left. No gate opens under a process that runs: the cgroup <c>workload</c> goes first, which the kernel only
/// allows when it is empty, and nothing can be confined by pins without it.
/// </summary>
/// <param name="instance">What to remove.</param>
/// <param name="options">What may be ended for it.</param>
/// <param name="clock">For the deadline of killing.</param>
internal sealed class Detachment(Instance instance, DetachmentOptions options, TimeProvider clock)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    private readonly List<string> _removed = [];

    /// <summary>What is gone now, in order.</summary>
    public IReadOnlyList<string> Removed => _removed;

    /// <summary>Removes all, or stops before the first thing that must not be removed now.</summary>
    /// <returns>Why it stopped, as a sentence without a full stop; null when nothing is left. May be repeated.</returns>
    public async Task<string?> RunAsync()
    {
        if (Obstacle() is { } obstacle)
        {
            return obstacle;
        }

        if (!await RemoveAsync(instance.Work).ConfigureAwait(false))
        {
            return $"processes {List(instance.Work)} do not leave {instance.Work.Path}";
        }

        EndHolders();
        if (!await RemoveAsync(instance.Proxy).ConfigureAwait(false))
        {
            return $"processes {List(instance.Proxy)} do not leave {instance.Proxy.Path}";
        }

        RemovePins();
        if (!await RemoveAsync(instance.Cgroup).ConfigureAwait(false))
        {
            return $"processes {List(instance.Cgroup)} do not leave {instance.Cgroup.Path}";
        }

        RemoveIfEmpty(instance.Roots.Cgroups);
        RemoveIfEmpty(instance.Roots.Pins);
        return null;
    }

    private string? Obstacle()
    {
        if (instance.IsServed && !options.EndsProxy)
        {
            return $"the proxy is alive, process {string.Join(' ', instance.Server)}: stop it, or let --force end it";
        }

        if (instance.Work.IsPopulated && !options.EndsWork)
        {
            return $"processes {List(instance.Work)} run under the policy: end them, or let --kill do it";
        }

        // It may be a link that confines somebody.
        if (instance.Pins.FirstOrDefault(pin => pin.Kind == PinKind.Unknown) is { } unknown)
        {
            return $"cannot tell what {unknown.Path} is: detach as root";
        }

        return Elsewhere() is { } other
            ? $"a link confines processes {List(other)} in {other.Path}: end them first"
            : null;
    }

    // A sidecar may have been pointed at a cgroup that is not ours: somebody else has to end what is in there.
    private CgroupDirectory? Elsewhere()
    {
        var hierarchy = new CgroupDirectory(instance.Roots.Hierarchy);
        return instance.Pins
            .Select(pin => pin.CgroupId)
            .Where(id => id != 0)
            .Distinct()
            .Select(hierarchy.Find)
            .FirstOrDefault(group => group is not null && !IsOwn(group) && group.IsPopulated);
    }

    private bool IsOwn(CgroupDirectory group) => group.Path == instance.Cgroup.Path || group.Path.StartsWith(instance.Cgroup.Path + "/", StringComparison.Ordinal);

    private async Task<bool> RemoveAsync(CgroupDirectory group)
    {
        if (!group.Exists)
        {
            return true;
        }

        var mayKill = (options.EndsWork && group == instance.Work) || (options.EndsProxy && group == instance.Proxy);
        var ended = mayKill ? group.Processes : [];
        var until = clock.GetUtcNow() + s_deadline;
        if (mayKill)
        {
            group.Kill();
        }

        // Killed processes leave when they are scheduled next. Without killing, one that entered meanwhile stays.
        while (!group.TryRemove())
        {
            if (!mayKill || clock.GetUtcNow() > until)
            {
                return false;
            }

            group.Kill();
            await CgroupEvents.WaitUntilEmptyAsync(group.Path, until - clock.GetUtcNow()).ConfigureAwait(false);
        }

        if (ended.Count > 0)
        {
            _removed.Add($"processes {string.Join(' ', ended)}");
        }

        _removed.Add($"cgroup {group.Path}");
        return true;
    }

    // A proxy need not be in its cgroup.
    private void EndHolders()
    {
        var holders = instance.Holders.Where(id => id > 0 && id != Environment.ProcessId).ToList();
        if (!options.EndsProxy || holders.Count == 0)
        {
            return;
        }

        holders.ForEach(id => ProcessCalls.kill(id, ProcessCalls.SIGKILL));
        _removed.Add($"processes {string.Join(' ', holders)}");
    }

    // Links last: as long as one is there, a second attempt finds the instance.
    private void RemovePins()
    {
        foreach (var pin in instance.Pins.OrderBy(pin => pin.Kind))
        {
            File.Delete(pin.Path);
            _removed.Add($"{pin.Kind.ToString().ToLowerInvariant()} {pin.Path}");
        }

        if (Directory.Exists(instance.PinFolder))
        {
            foreach (var folder in Directory.EnumerateDirectories(instance.PinFolder, "*", SearchOption.AllDirectories).OrderByDescending(path => path.Length))
            {
                Directory.Delete(folder);
            }

            Directory.Delete(instance.PinFolder);
        }
    }

    private static void RemoveIfEmpty(string folder)
    {
        try
        {
            if (Directory.Exists(folder) && !Directory.EnumerateDirectories(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
        catch (IOException)
        {
            // another instance starts, or another detach was faster
        }
    }

    private static string List(CgroupDirectory group) => string.Join(' ', group.Processes);
}
