namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>The answer of one check of the machine.</summary>
internal enum RequirementState
{
    /// <summary>There, and tried where trying is possible.</summary>
    Ok,

    /// <summary>Works without it, with the loss that <see cref="Requirement.Detail"/> names.</summary>
    Degraded,

    /// <summary>What needs it refuses to start.</summary>
    Missing,
}
