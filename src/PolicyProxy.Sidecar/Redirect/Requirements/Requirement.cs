namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>One thing the machine must have, and what was found. Immutable.</summary>
/// <param name="Name">Short and stable: scripts select by it.</param>
/// <param name="NeededBy">Who cannot start when it is missing.</param>
/// <param name="State">The answer.</param>
/// <param name="Detail">What was found, in words.</param>
/// <param name="Fix">One command or one setting; empty when <see cref="State"/> is ok.</param>
internal sealed record Requirement(string Name, RequiredFor NeededBy, RequirementState State, string Detail, string Fix)
{
    public static Requirement Ok(string name, RequiredFor neededBy, string detail) =>
        new(name, neededBy, RequirementState.Ok, detail, string.Empty);

    public static Requirement Degraded(string name, RequiredFor neededBy, string detail, string fix) =>
        new(name, neededBy, RequirementState.Degraded, detail, fix);

    public static Requirement Missing(string name, RequiredFor neededBy, string detail, string fix) =>
        new(name, neededBy, RequirementState.Missing, detail, fix);

    /// <summary>Whether <paramref name="verb"/> cannot start because of this.</summary>
    public bool Stops(RequiredFor verb) => State == RequirementState.Missing && (NeededBy & verb) != 0;
}
