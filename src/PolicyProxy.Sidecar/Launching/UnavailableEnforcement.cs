namespace PolicyProxy.Sidecar.Launching;

/// <summary>Enforcement that cannot be had, with the reason: it fails when it is started, so that a command never runs without.</summary>
internal sealed class UnavailableEnforcement(string reason) : IEnforcement
{
    public Task StartAsync(CgroupScope scope, CancellationToken cancellationToken) => throw new EnforcementException(reason);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
