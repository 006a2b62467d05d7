using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Policy.Compilation;

/// <summary>The result of one compilation. Immutable.</summary>
public sealed class PolicyCompilation
{
    internal PolicyCompilation(PolicySnapshot? snapshot, IReadOnlyList<PolicyDiagnostic> diagnostics)
    {
        Snapshot = snapshot;
        Diagnostics = diagnostics;
    }

    /// <summary>The compiled policies; null when <see cref="Diagnostics"/> has an error.</summary>
    public PolicySnapshot? Snapshot { get; }

    /// <summary>All problems of all files, in file and line order.</summary>
    public IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>True when there is a snapshot.</summary>
    public bool Succeeded => Snapshot is not null;
}
