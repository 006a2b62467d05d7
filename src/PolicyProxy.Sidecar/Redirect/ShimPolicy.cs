using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// Puts policies into the kernel, whole: the tables of a policy are filled where none in use is, then one store switches to them. A packet sees
/// the one policy or the other, never a mixture. Not thread-safe.
/// </summary>
internal sealed class ShimPolicy : IDisposable
{
    // FIRST_GENERATION of bpf/redirect.h: it has tables of its own.
    private const uint First = 1;

    private readonly BpfMap<uint, uint> _generation;
    private readonly BpfMap<KernelPrefix, uint> _firstPeers;
    private readonly BpfMap<KernelRule, uint> _firstRules;
    private readonly BpfMap<uint, int> _peers;
    private readonly BpfMap<uint, int> _rules;
    private KernelPolicy? _policy;
    private KernelTables? _tables;

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
            var first = new KernelTables(policy, _firstPeers, _firstRules);
            _generation.Set(0, First);
            Keep(policy, first);
            return;
        }

        var tables = new KernelTables(policy);
        try
        {
            Install(tables, now);
        }
        catch
        {
            tables.Dispose();
            throw;
        }

        Keep(policy, tables);
    }

    /// <summary>Lets the policy in force speak of an address that has become known, or has changed, or is forgotten.</summary>
    /// <exception cref="ShimException">The kernel has no memory for it.</exception>
    public void Change(AddressChange change)
    {
        if (_policy is not { } policy || _tables is not { } tables)
        {
            return; // the first publication brings it
        }

        var rules = policy.Rules.Count;
        uint? group = change.After.Names is null ? null : policy.Extend(change.After);
        tables.Change(change.Address, group, policy.Rules.Skip(rules));
    }

    public void Dispose() => _tables?.Dispose();

    private void Keep(KernelPolicy policy, KernelTables tables)
    {
        _tables?.Dispose();
        (_policy, _tables) = (policy, tables);
    }

    private void Install(KernelTables tables, uint now)
    {

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
