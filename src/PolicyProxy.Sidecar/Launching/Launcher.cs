using PolicyProxy.Sidecar.Launching.Confining;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>The parent's side of a launch: starts this program again as the child that confines itself and becomes the command.</summary>
internal static class Launcher
{
    /// <summary>Runs the command to its end.</summary>
    /// <param name="order">What to run, and where.</param>
    /// <param name="program">This program.</param>
    /// <param name="variables">The command's environment; null = that of this process.</param>
    /// <param name="stop">Sends SIGTERM to the command.</param>
    /// <returns>The command's exit code, 128 and the number of the signal that ended it, or one of 125 to 127 if it did not start.</returns>
    public static async Task<int> RunAsync(CommandOrder order, ProgramImage program, IReadOnlyList<byte[]>? variables, CancellationToken stop)
    {
        var foreground = Terminal.Foreground;
        using var relay = new SignalRelay();
        using var child = ChildProcess.Start(program, order.Options(), order.Command, variables ?? RawArguments.Environment());
        relay.SendTo(child);
        var stopping = stop.Register(() => child.Send(ProcessCalls.SIGTERM));
        await using (stopping.ConfigureAwait(false))
        {
            try
            {
                return await child.Ended.ConfigureAwait(false);
            }
            finally
            {
                Terminal.TakeBack(foreground);
            }
        }
    }
}
