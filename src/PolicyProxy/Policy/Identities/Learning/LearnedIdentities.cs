namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>
/// The identities of learned addresses: one for each network and set of DNS selectors, as long as an address has it, so that a rotation
/// over ever new addresses needs no more of them. Numbers are used again. Not thread-safe.
/// </summary>
internal sealed class LearnedIdentities(Func<uint> nextNumber)
{
    private readonly Queue<uint> _freeNumbers = new();
    private Dictionary<(Identity Unnamed, string Key), Counted> _known = [];
    private Dictionary<(Identity Unnamed, string Labels), Identity> _before = [];
    private FqdnSelectorIndex _index = new([]);

    /// <summary>Starts over for other selectors. Identities with equal labels stay the same objects; give the old ones back afterwards with <see cref="EndRebase"/>.</summary>
    public void Rebase(FqdnSelectorIndex index)
    {
        foreach (var known in _known.Values)
        {
            _before[(known.Identity.Names!.Unnamed, known.Identity.Labels.Text)] = known.Identity;
        }

        _known = [];
        _index = index;
    }

    /// <summary>Frees the numbers of identities that no address has taken over.</summary>
    public void EndRebase()
    {
        if (_before.Count == 0)
        {
            return;
        }

        foreach (var left in _before.Values)
        {
            _freeNumbers.Enqueue(left.Id);
        }

        _before = [];
    }

    /// <summary>The identity of an address; give it back with <see cref="Release"/>.</summary>
    public Identity Acquire(Identity unnamed, FqdnSelectorSet set)
    {
        if (set.Positions.Length == 0 || !unnamed.IsWorld)
        {
            return unnamed; // addresses of pods and nodes never become peers by name (semantics 6.5)
        }

        if (!_known.TryGetValue((unnamed, set.Key), out var known))
        {
            _known[(unnamed, set.Key)] = known = new Counted(Make(unnamed, set));
        }

        known.Count++;
        return known.Identity;
    }

    /// <summary>Gives an identity back.</summary>
    public void Release(Identity identity, FqdnSelectorSet set)
    {
        if (identity.Names is { } names && _known.TryGetValue((names.Unnamed, set.Key), out var known) && --known.Count == 0)
        {
            _known.Remove((names.Unnamed, set.Key));
            _freeNumbers.Enqueue(identity.Id);
        }
    }

    private Identity Make(Identity unnamed, FqdnSelectorSet set)
    {
        var selectors = _index.Selectors(set);
        var labels = IdentityNames.LabelsOf(unnamed, selectors);
        if (_before.Remove((unnamed, labels.Text), out var same))
        {
            return same;
        }

        var number = _freeNumbers.TryDequeue(out var free) ? free : nextNumber();
        return new Identity(number, labels, unnamed.Cidr, []) { Names = new IdentityNames(unnamed, selectors) };
    }

    private sealed class Counted(Identity identity)
    {
        public Identity Identity { get; } = identity;

        public int Count { get; set; }
    }
}
