namespace PolicyProxy.Policy.Yaml;

/// <summary>What an unknown field does to its object.</summary>
internal enum UnknownFieldMode
{
    /// <summary>The object is rejected. A misspelt field silently widens a policy, so this is the default.</summary>
    Error,

    /// <summary>The field is dropped with a warning, as Cilium's API server prunes it.</summary>
    Ignore,
}
