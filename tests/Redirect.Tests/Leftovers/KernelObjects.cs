using System.Diagnostics;
using System.Globalization;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Redirect.Requirements;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Redirect.Tests.Leftovers;

/// <summary>BPF objects of one instance by their kernel ids, which are never given again: whether they are gone does not depend on what other instances do.</summary>
/// <param name="Ids">All of them.</param>
internal sealed record KernelObjects(IReadOnlySet<(KernelObject Kind, uint Id)> Ids)
{
    private const string MapOfMaps = "12"; // BPF_MAP_TYPE_ARRAY_OF_MAPS
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>What a process holds now, with the tables that only its maps of maps hold.</summary>
    public static KernelObjects Of(int process)
    {
        var ids = new HashSet<(KernelObject, uint)>();
        foreach (var file in Directory.GetFiles($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/fdinfo"))
        {
            var fields = Fields(file);
            foreach (var (kind, name) in new[] { (KernelObject.Program, "prog_id"), (KernelObject.Map, "map_id"), (KernelObject.Link, "link_id") })
            {
                // A link's file names its program, too.
                if (fields.TryGetValue(name, out var text))
                {
                    ids.Add((kind, uint.Parse(text, CultureInfo.InvariantCulture)));
                }
            }

            if (fields.GetValueOrDefault("map_type") == MapOfMaps)
            {
                ids.UnionWith(TablesOf(uint.Parse(fields["map_id"], CultureInfo.InvariantCulture)));
            }
        }

        return new KernelObjects(ids);
    }

    /// <summary>How many there are of a kind.</summary>
    public int Count(KernelObject kind) => Ids.Count(one => one.Kind == kind);

    /// <summary>Those that are still in the kernel.</summary>
    public IReadOnlyList<(KernelObject Kind, uint Id)> Living() => [.. Ids.Where(static one => IsAlive(one.Kind, one.Id))];

    /// <summary>Waits until none is in the kernel: it frees programs and maps some time after their last user.</summary>
    /// <returns>What remains at the deadline.</returns>
    public Task<IReadOnlyList<(KernelObject Kind, uint Id)>> RemainingAsync() => RemainingAsync(s_limit);

    /// <inheritdoc cref="RemainingAsync()"/>
    public async Task<IReadOnlyList<(KernelObject Kind, uint Id)>> RemainingAsync(TimeSpan limit)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var living = Living();
            if (living.Count == 0 || Stopwatch.GetElapsedTime(since) > limit)
            {
                return living;
            }

            await Task.Yield();
        }
    }

    private static Dictionary<string, string> Fields(string file)
    {
        try
        {
            return File.ReadLines(file).Select(static line => line.Split(':', 2)).Where(static pair => pair.Length == 2)
                .DistinctBy(static pair => pair[0]).ToDictionary(static pair => pair[0], static pair => pair[1].Trim());
        }
        catch (IOException)
        {
            return []; // closed meanwhile
        }
    }

    private static IEnumerable<(KernelObject, uint)> TablesOf(uint map)
    {
        var descriptor = Open(KernelObject.Map, map);
        Assert.True(descriptor >= 0, "the process has closed its maps");
        var places = new BpfMap<uint, uint>(descriptor, "places");
        for (var place = 0u; places.TryGet(place, out var table) || place < 2; place++)
        {
            if (table != 0)
            {
                yield return (KernelObject.Map, table);
            }
        }

        _ = Libc.close(descriptor);
    }

    private static bool IsAlive(KernelObject kind, uint id)
    {
        var descriptor = Open(kind, id);
        _ = descriptor >= 0 ? Libc.close(descriptor) : 0;
        return descriptor >= 0;
    }

    // BPF_*_GET_FD_BY_ID; fails for what has no user any more.
    private static unsafe int Open(KernelObject kind, uint id)
    {
        // union bpf_attr: id, next_id, open_flags
        var attributes = stackalloc uint[3] { id, 0, 0 };
        return BpfSyscall.Invoke((int)kind, attributes, 12);
    }
}

/// <summary>A kind of BPF object; the value is the command of bpf(2) that opens one by its id.</summary>
internal enum KernelObject
{
    Program = 13,
    Map = 14,
    Link = 30,
}
