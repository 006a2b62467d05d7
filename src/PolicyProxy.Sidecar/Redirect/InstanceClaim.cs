namespace PolicyProxy.Sidecar.Redirect;

/// <summary>When an instance becomes a process'.</summary>
internal enum InstanceClaim
{
    /// <summary>When it loads, or it fails.</summary>
    AtOnce,

    /// <summary>When it loads, after whoever has the instance now.</summary>
    WhenFree,

    /// <summary>When it says so: until then another process goes on.</summary>
    Later,
}
