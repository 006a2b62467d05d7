namespace PolicyProxy.Policy.Compilation;

/// <summary>Diagnostics of objects that are valid by themselves but cannot be put in force (semantics 4.5 ERROR, NACKs of 5.1 and 8.1).</summary>
internal static class RealisationIds
{
    /// <summary>A host expression that is no regular expression.</summary>
    public const string HostPattern = "PP1901";

    /// <summary>A port range that runs backwards under L7 rules.</summary>
    public const string InvertedRange = "PP1902";

    /// <summary>A server name pattern the proxy refuses.</summary>
    public const string ServerName = "PP1903";

    /// <summary>Rules for the same peers and port that contradict each other.</summary>
    public const string Conflict = "PP1904";

    /// <summary>A custom Envoy listener, which exists only inside Envoy.</summary>
    public const string Listener = "PP1905";
}
