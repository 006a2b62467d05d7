using System.Collections.Concurrent;

namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>The DNS selectors in a learned identity, and what is left of it when a connection shows one name. Thread-safe.</summary>
internal sealed class IdentityNames(Identity unnamed, FqdnSelector[] selectors)
{
    /// <summary>Remembered parts; more start over.</summary>
    private const int MaxParts = 256;

    private readonly ConcurrentDictionary<string, Identity> _parts = new(StringComparer.Ordinal);

    /// <summary>The identity of the same address without any name.</summary>
    public Identity Unnamed { get; } = unnamed;

    /// <summary>Never empty.</summary>
    public IReadOnlyList<FqdnSelector> Selectors => selectors;

    /// <summary>The identity with the labels of those selectors that the name satisfies. Allocates nothing if all or none are.</summary>
    /// <param name="whole">The identity these names are of.</param>
    /// <param name="name">Lower case, without a final dot.</param>
    public Identity Narrow(Identity whole, ReadOnlySpan<char> name)
    {
        var count = 0;
        foreach (var selector in selectors)
        {
            count += selector.Matches(name) ? 1 : 0;
        }

        return count == 0 ? Unnamed : count == selectors.Length ? whole : Part(whole, name.ToString());
    }

    private Identity Part(Identity whole, string name)
    {
        var left = Array.FindAll(selectors, selector => selector.Matches(name));
        var key = string.Join('\n', left.Select(static selector => selector.Pattern));
        if (_parts.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_parts.Count >= MaxParts)
        {
            _parts.Clear();
        }

        return _parts.GetOrAdd(key, _ => new Identity(whole.Id, LabelsOf(Unnamed, left), Unnamed.Cidr, []));
    }

    /// <summary>Labels of an identity with those of DNS selectors on top.</summary>
    internal static LabelSet LabelsOf(Identity unnamed, IEnumerable<FqdnSelector> selectors) =>
        new(unnamed.Labels.Labels.Concat(selectors.Select(static s => new Label(Label.FqdnSource, s.Pattern, string.Empty))));
}
