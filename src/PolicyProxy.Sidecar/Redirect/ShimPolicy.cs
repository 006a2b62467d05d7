namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// Puts policies into the kernel, whole: the tables of a policy are filled in the place that is not in use, then one store switches to
/// them. A packet sees the one policy or the other, never a mixture. Not thread-safe.
/// </summary>
internal sealed class ShimPolicy
{
    private readonly BpfMap<uint, uint> _generation;
    private readonly BpfMap<uint, int> _peers;
    private readonly BpfMap<uint, int> _rules;

    public ShimPolicy(BpfObject programs)
    {
        _generation = programs.Map<uint, uint>("generation");
        _peers = programs.Map<uint, int>("peers");
        _rules = programs.Map<uint, int>("rules");
    }

    /// <summary>Number of the policy in force; 0 = none was ever published.</summary>
    public uint Generation => _generation.TryGet(0, out var number) ? number : 0;

    /// <summary>Puts a policy in force.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="meanwhile">Done while the kernel makes room; null = nothing.</param>
    /// <exception cref="ShimException">The kernel has no room for it; the policy before stays in force.</exception>
    public void Publish(KernelPolicy policy, Action? meanwhile = null)
    {
        using var tables = new KernelTables(policy);

        // 0 stands for "no policy", also after four billion of them.
        var next = Generation + 1;
        next = next == 0 ? 2 : next;
        var place = next & 1;

        // After each the kernel waits some 10 ms until no program uses the table before; it can wait for both at once.
        var peers = Task.Run(() => _peers.Set(place, tables.PeersDescriptor));
        var rules = Task.Run(() => _rules.Set(place, tables.RulesDescriptor));
        try
        {
            meanwhile?.Invoke();
        }
        finally
        {
            // Before the tables are given back, whatever happened.
            Task.WhenAll(peers, rules).GetAwaiter().GetResult();
        }

        _generation.Set(0, next);
    }
}
