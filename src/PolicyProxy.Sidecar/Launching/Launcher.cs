using PolicyProxy.Sidecar.Launching.Confining;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// The parent's side of a launch: starts this program again as the child that confines itself and becomes the command. Signals of this process are
/// the command's from the start to the disposal.
/// </summary>
internal sealed class Launcher : IAsyncDisposable
{
    private readonly int _foreground = Terminal.Foreground;
    private readonly SignalRelay _relay = new();
    private readonly StartGate _gate = new();
    private readonly ChildProcess _child;

    /// <summary>Starts the child, which confines itself and waits.</summary>
    /// <param name="order">What to run, and where.</param>
    /// <param name="program">This program.</param>
    /// <param name="variables">The command's environment; null = that of this process.</param>
    /// <exception cref="EnforcementException">It cannot be started.</exception>
    public Launcher(CommandOrder order, ProgramImage program, IReadOnlyList<byte[]>? variables)
    {
        try
        {
            var held = order with { Gate = _gate.Share() };
            _child = ChildProcess.Start(program, held.Options(), held.Command, variables ?? RawArguments.Environment());
            _gate.Shared();
            _relay.SendTo(_child);
        }
        catch
        {
            _gate.Dispose();
            _relay.Dispose();
            throw;
        }
    }

    /// <summary>Lets the command start and waits for its end.</summary>
    /// <param name="stop">Sends SIGTERM to the command.</param>
    /// <returns>The command's exit code, 128 and the number of the signal that ended it, or one of 125 to 127 if it did not start.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        _gate.Open();
        var stopping = stop.Register(() => _child.Send(ProcessCalls.SIGTERM));
        await using (stopping.ConfigureAwait(false))
        {
            try
            {
                return await _child.Ended.ConfigureAwait(false);
            }
            finally
            {
                Terminal.TakeBack(_foreground);
            }
        }
    }

    /// <summary>A child that was not let go ends by itself; that is waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        _gate.Dispose();
        await ((Task)_child.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _child.Dispose();
        _relay.Dispose();
    }
}
