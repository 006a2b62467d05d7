namespace PolicyProxy.Sidecar.Launching;

/// <summary>What holds a command to policy: programs in the kernel and the proxy they redirect to. One per run; disposing takes it down.</summary>
internal interface IEnforcement : IAsyncDisposable
{
    /// <summary>On return no process of <see cref="CgroupScope.Work"/> can send anything that is not judged.</summary>
    /// <exception cref="EnforcementException">That cannot be had; the message names the fix.</exception>
    Task StartAsync(CgroupScope scope, CancellationToken cancellationToken);
}
