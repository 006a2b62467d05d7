namespace PolicyProxy.Sidecar.Redirect.Instances;

/// <summary>One proxy with what it confines: two sibling cgroups and a folder of pins, all of which outlive its processes.</summary>
/// <param name="Roots">Where all instances are.</param>
/// <param name="Name">One path segment.</param>
internal sealed record Instance(InstanceRoots Roots, string Name)
{
    /// <summary>Holds <see cref="Work"/> and <see cref="Proxy"/>.</summary>
    public CgroupDirectory Cgroup => new(Path.Combine(Roots.Cgroups, Name));

    /// <summary>The confined processes.</summary>
    public CgroupDirectory Work => new(Path.Combine(Roots.Cgroups, Name, "workload"));

    /// <summary>The proxy's own processes, to which no program is attached that redirects.</summary>
    public CgroupDirectory Proxy => new(Path.Combine(Roots.Cgroups, Name, "proxy"));

    /// <summary>The living proxy: what is in its cgroup, and the process that holds the pins, wherever it is. Ids of processes, 0 for one that is hidden.</summary>
    public IReadOnlyList<int> Server => [.. Proxy.Processes.Concat(Holders).Distinct().Order()];

    /// <summary>True while a proxy is alive.</summary>
    public bool IsServed => Proxy.IsPopulated || Holders.Any();

    public string PinFolder => Path.Combine(Roots.Pins, Name);

    /// <summary>Everything pinned, in the order of paths.</summary>
    public IReadOnlyList<PinnedObject> Pins => Directory.Exists(PinFolder)
        ? [.. Directory.EnumerateFiles(PinFolder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(PinnedObject.Open)]
        : [];

    public bool Exists => Cgroup.Exists || Directory.Exists(PinFolder);

    /// <summary>The processes that hold the pins: at most one for each layout.</summary>
    public IEnumerable<int> Holders => Directory.Exists(PinFolder) ? Directory.EnumerateDirectories(PinFolder).Select(InstanceLock.HolderOf).OfType<int>() : [];

    /// <summary>Every instance that has left anything, by name.</summary>
    public static IReadOnlyList<Instance> All(InstanceRoots roots) =>
        [.. new[] { roots.Cgroups, roots.Pins }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateDirectories(folder))
            .Select(folder => Path.GetFileName(folder))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Select(name => new Instance(roots, name))];

    /// <summary>False for what would lead out of the roots.</summary>
    public static bool IsName(string text) => text.Length > 0 && text is not ("." or "..") && !text.AsSpan().ContainsAny('/', '\0', '\n');
}
