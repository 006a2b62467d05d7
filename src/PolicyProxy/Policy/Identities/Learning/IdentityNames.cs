using System.Collections.Concurrent;

namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>The DNS selectors in a learned identity, and what is left of it when a connection shows one name. Thread-safe.</summary>
internal sealed class IdentityNames(Identity unnamed, FqdnSelector[] selectors)
{
    /// <summary>Remembered parts; more start over.</summary>
    private const int MaxParts = 256;

    // By the selectors that are left, a bit each; those of more selectors than there are bits are made anew every time.
    private readonly ConcurrentDictionary<ulong, Identity> _parts = new();

    /// <summary>The identity of the same address without any name.</summary>
    public Identity Unnamed { get; } = unnamed;

    /// <summary>Never empty.</summary>
    public IReadOnlyList<FqdnSelector> Selectors => selectors;

    /// <summary>The identity with the labels of those selectors that the name satisfies. Allocates nothing for a part that is known.</summary>
    /// <param name="whole">The identity these names are of.</param>
    /// <param name="name">Lower case, without a final dot.</param>
    public Identity Narrow(Identity whole, ReadOnlySpan<char> name)
    {
        var (count, left) = (0, 0UL);
        for (var i = 0; i < selectors.Length; i++)
        {
            if (selectors[i].Matches(name))
            {
                count++;
                left |= 1UL << (i & 63);
            }
        }

        if (count == 0 || count == selectors.Length)
        {
            return count == 0 ? Unnamed : whole;
        }

        return selectors.Length > 64 ? Part(whole, name.ToString()) : _parts.TryGetValue(left, out var known) ? known : Remember(left, Part(whole, name.ToString()));
    }

    private Identity Remember(ulong left, Identity part)
    {
        if (_parts.Count >= MaxParts)
        {
            _parts.Clear();
        }

        return _parts.GetOrAdd(left, part);
    }

    private Identity Part(Identity whole, string name) =>
        new(whole.Id, LabelsOf(Unnamed, selectors.Where(selector => selector.Matches(name))), Unnamed.Cidr, []);

    /// <summary>Labels of an identity with those of DNS selectors on top.</summary>
    internal static LabelSet LabelsOf(Identity unnamed, IEnumerable<FqdnSelector> selectors) =>
        new(unnamed.Labels.Labels.Concat(selectors.Select(static s => new Label(Label.FqdnSource, s.Pattern, string.Empty))));
}
