namespace PolicyProxy.Sidecar.Tests.Redirect;

/// <summary>A test that changes mounts, cgroups or capabilities. Skipped, with the reason, for everybody but root of the initial user namespace.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = RootRights.Lacking;
}

/// <inheritdoc cref="RootFactAttribute"/>
internal sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = RootRights.Lacking;
}

/// <summary>Whether this process is the real root.</summary>
internal static class RootRights
{
    public static string? Lacking { get; } =
        Environment.IsPrivilegedProcess && File.ReadAllText("/proc/self/uid_map").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is ["0", "0", "4294967295"]
            ? null
            : "needs root of the initial user namespace";
}
