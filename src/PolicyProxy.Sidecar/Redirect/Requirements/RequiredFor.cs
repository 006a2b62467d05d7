namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>The verbs that redirect traffic in the kernel, as the askers of a check.</summary>
[Flags]
internal enum RequiredFor
{
    /// <summary>Nobody starts or stops because of it; shown for information.</summary>
    None = 0,

    /// <summary><c>policyproxy run</c>.</summary>
    Run = 1,

    /// <summary><c>policyproxy sidecar --transparent</c>.</summary>
    Sidecar = 2,

    /// <summary>Both verbs.</summary>
    Both = Run | Sidecar,
}
