using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>Server name patterns asked together. Immutable; allocates nothing per question.</summary>
internal sealed class ServerNamePatternSet
{
    private readonly LabelPatternIndex _index;

    /// <summary>Builds the set; order matters only for <see cref="IndexOfFirst"/>.</summary>
    /// <param name="patterns">Any number; the empty set covers nothing.</param>
    public ServerNamePatternSet(IEnumerable<ServerNamePattern> patterns) =>
        _index = new LabelPatternIndex(patterns.Select(pattern => pattern.Labels));

    /// <summary>True if some pattern covers the server name.</summary>
    /// <param name="serverName">As sent; empty for a handshake without one, which nothing covers.</param>
    public bool MatchesAny(ReadOnlySpan<char> serverName) => IndexOfFirst(serverName) >= 0;

    /// <summary>0-based position of the first pattern that covers the server name; -1 if none does.</summary>
    /// <param name="serverName">As for <see cref="MatchesAny"/>.</param>
    public int IndexOfFirst(ReadOnlySpan<char> serverName) => serverName.IsEmpty ? -1 : _index.IndexOfFirst(serverName);
}
