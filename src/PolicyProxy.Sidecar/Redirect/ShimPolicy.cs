namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// Puts policies into the kernel, whole: the tables of a policy are filled where none in use is, then one store switches to them. A packet sees
/// the one policy or the other, never a mixture. Not thread-safe.
/// </summary>
internal sealed class ShimPolicy
{
    // FIRST_GENERATION of bpf/redirect.h: it has tables of its own.
    private const uint First = 1;

    private readonly BpfMap<uint, uint> _generation;
    private readonly BpfMap<KernelPrefix, uint> _firstPeers;
    private readonly BpfMap<KernelRule, uint> _firstRules;
    private readonly BpfMap<uint, int> _peers;
    private readonly BpfMap<uint, int> _rules;

    public ShimPolicy(BpfObject programs)
    {
        _generation = programs.Map<uint, uint>("generation");
        _firstPeers = programs.Map<KernelPrefix, uint>("first_peers");
        _firstRules = programs.Map<KernelRule, uint>("first_rules");
        _peers = programs.Map<uint, int>("peers");
        _rules = programs.Map<uint, int>("rules");
    }

    /// <summary>Number of the policy in force; 0 = none was ever published.</summary>
    public uint Generation => _generation.TryGet(0, out var number) ? number : 0;

    /// <summary>Puts a policy in force.</summary>
    /// <exception cref="ShimException">The kernel has no room for it; the policy before stays in force.</exception>
    public void Publish(KernelPolicy policy)
    {
        var now = Generation;

        // An attempt that failed, of this process or one before it, has left entries.
        if (now == 0 && _firstPeers.Count() == 0 && _firstRules.Count() == 0)
        {
            using var first = new KernelTables(policy, _firstPeers, _firstRules);
            _generation.Set(0, First);
            return;
        }

        using var tables = new KernelTables(policy);

        // 0 stands for "no policy" and 1 for the first, also after four billion of them.
        var next = Math.Max(unchecked(now + 1), First + 1);
        var place = next & 1;

        // After each the kernel waits some 10 ms until no program uses the table before; it can wait for both at once.
        Task.WhenAll(
            Task.Run(() => _peers.Set(place, tables.PeersDescriptor)),
            Task.Run(() => _rules.Set(place, tables.RulesDescriptor))).GetAwaiter().GetResult();
        _generation.Set(0, next);
    }
}
