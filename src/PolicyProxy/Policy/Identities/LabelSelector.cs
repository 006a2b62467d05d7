namespace PolicyProxy.Policy.Identities;

/// <summary>A label selector with normalised keys: all requirements must be met (semantics 2.1, 2.2). Immutable.</summary>
internal sealed class LabelSelector : PeerSelector
{
    private readonly LabelRequirement[] _requirements;

    public LabelSelector(IReadOnlyCollection<LabelRequirement> requirements)
        : base(requirements.Count == 0 ? "*" : string.Join(" & ", requirements.Select(r => r.ToString()).Order(StringComparer.Ordinal)))
    {
        _requirements = [.. requirements];
    }

    public override bool IsWildcard => _requirements.Length == 0;

    public IReadOnlyList<LabelRequirement> Requirements => _requirements;

    public static LabelSelector Reserved(string key) =>
        new([new LabelRequirement(Label.ReservedSource, key, LabelOperator.In, [string.Empty])]);

    public override bool Selects(Identity identity)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.IsMet(identity))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The first requirement the identity misses; null when it is selected.</summary>
    public LabelRequirement? FirstMissed(Identity identity) => Array.Find(_requirements, r => !r.IsMet(identity));
}
