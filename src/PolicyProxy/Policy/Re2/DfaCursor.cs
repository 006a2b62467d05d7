namespace PolicyProxy.Policy.Re2;

/// <summary>Where one match stands in a <see cref="LazyDfa"/>.</summary>
internal struct DfaCursor
{
    /// <summary>The table <see cref="State"/> belongs to.</summary>
    public DfaTable Table;

    /// <summary>A state of <see cref="Table"/>.</summary>
    public int State;

    /// <summary>The owner all threads have in common, for states that leave it out; otherwise meaningless.</summary>
    public int Owner;

    /// <summary>True once the input has been counted as work the cache served.</summary>
    public bool IsCounted;
}

/// <summary>How a step out of the cached transitions ended.</summary>
internal enum DfaStep
{
    /// <summary>The cursor is on the next state.</summary>
    Moved,

    /// <summary>No pattern can match any more.</summary>
    NoMatch,

    /// <summary>The state is not cached and will not be; match the whole input without the cache.</summary>
    NotCached,
}
