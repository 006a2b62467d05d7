using PolicyProxy.Sidecar.Launching.Confining;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>One run from cgroups to clean-up: nothing starts unless policy is in force, and nothing is left behind.</summary>
/// <param name="enforcement">Holds the command to policy; disposed at the end.</param>
/// <param name="program">How to start this program again.</param>
/// <param name="messages">Receives what the user should know, a line each.</param>
/// <param name="takesOver">Arguments of this process up to the command, for a process that takes over if this one is killed; null = there is none.</param>
internal sealed class RunSession(IEnforcement enforcement, ProgramImage program, TextWriter messages, IReadOnlyList<string>? takesOver)
{
    /// <summary>Runs a command and gives its exit code.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="user"><c>NAME</c> or <c>UID[:GID]</c>; null = the user of this process.</param>
    /// <param name="denied">Destinations policy denies, to be tried before the command starts.</param>
    /// <param name="variables">The command's environment; null = that of this process.</param>
    /// <param name="stop">Sends SIGTERM to the command.</param>
    /// <exception cref="EnforcementException">Policy cannot be enforced; the command did not start.</exception>
    public async Task<int> RunAsync(
        IReadOnlyList<string> command, string? user, IReadOnlyList<ProbeTarget> denied, IReadOnlyList<byte[]>? variables, CancellationToken stop)
    {
        var scope = CgroupScope.Create();

        // Told last of all: until nothing is left there is something to take over.
        using var standIn = takesOver is null ? null : new StandIn(program, scope.Instance, takesOver, messages.WriteLine);
        await using (scope.ConfigureAwait(false))
        await using (enforcement.ConfigureAwait(false))
        {
            var order = new CommandOrder
            {
                WorkCgroup = scope.Work.Path,
                User = user,
                Probes = denied,
                Command = RawArguments.Last(command),
            };

            try
            {
                // The child gets ready while policy is put in force; it goes no further before that.
                var launcher = new Launcher(order, program, variables);
                await using (launcher.ConfigureAwait(false))
                {
                    await enforcement.StartAsync(scope, stop).ConfigureAwait(false);
                    standIn?.Begin();
                    return await launcher.RunAsync(stop).ConfigureAwait(false);
                }
            }
            finally
            {
                // Before enforcement is taken down: what is left must not see a moment without it.
                var leftovers = await scope.EndWorkAsync().ConfigureAwait(false);
                if (leftovers.Count > 0)
                {
                    await messages.WriteLineAsync($"policyproxy: ended what the command left running: {string.Join(", ", leftovers)}").ConfigureAwait(false);
                }
            }
        }
    }
}
