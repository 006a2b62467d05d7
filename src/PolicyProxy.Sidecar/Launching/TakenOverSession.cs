using System.Globalization;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Redirect.Instances;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>What is left of a run whose process was killed: its command, held by the programs in the kernel, under a proxy again until it ends.</summary>
/// <param name="enforcement">Holds the command to policy; disposed at the end.</param>
/// <param name="messages">Receives what the user should know, a line each.</param>
internal sealed class TakenOverSession(IEnforcement enforcement, TextWriter messages)
{
    // As long as it takes; asked again now and then all the same.
    private static readonly TimeSpan s_look = TimeSpan.FromHours(1);

    /// <summary>Judges until the command and all it started have ended, and cleans up.</summary>
    /// <param name="instance">Name of the killed run's instance.</param>
    /// <param name="stop">Ends it before; the kernel part stays closed.</param>
    /// <exception cref="EnforcementException">Policy cannot be enforced: the kernel part stays closed.</exception>
    public async Task RunAsync(string instance, CancellationToken stop)
    {
        var roots = InstanceRoots.Of(SystemRoots.Machine) ?? throw new EnforcementException("cgroup v2 is not mounted any more");
        var left = new Instance(roots, instance);
        if (left.Work.IsPopulated)
        {
            await HoldAsync(instance, left.Work, stop).ConfigureAwait(false);
        }
        else if (await new Detachment(left, default, TimeProvider.System).RunAsync().ConfigureAwait(false) is { } obstacle)
        {
            throw new EnforcementException($"cannot clean up after {instance}: {obstacle}");
        }
        else
        {
            KernelEnforcement.RemoveNames(SidecarOptions.NamesPathOf(instance));
        }
    }

    private async Task HoldAsync(string instance, CgroupDirectory work, CancellationToken stop)
    {
        var scope = CgroupScope.Create(instance);
        await enforcement.StartAsync(scope, stop).ConfigureAwait(false);
        await messages.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"policyproxy: the process of {instance} was killed, process {Environment.ProcessId} judges in its place")).ConfigureAwait(false);
        while (work.IsPopulated)
        {
            await CgroupEvents.WaitUntilEmptyAsync(work.Path, s_look).WaitAsync(stop).ConfigureAwait(false);
        }

        await enforcement.DisposeAsync().ConfigureAwait(false);
        await scope.DisposeAsync().ConfigureAwait(false);
    }
}
