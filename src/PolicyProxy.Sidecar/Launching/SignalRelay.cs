using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// Keeps signals from ending this process and sends them to the command instead. Ctrl+C and Ctrl+\ reach the command by themselves, so they are
/// only kept away from here, unless there is no terminal they could come from.
/// </summary>
internal sealed class SignalRelay : IDisposable
{
    private static readonly int[] s_relayed =
    [
        ProcessCalls.SIGTERM, ProcessCalls.SIGHUP, ProcessCalls.SIGUSR1, ProcessCalls.SIGUSR2, ProcessCalls.SIGWINCH, ProcessCalls.SIGCONT,
        ProcessCalls.SIGINT, ProcessCalls.SIGQUIT,
    ];

    private readonly Lock _lock = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly List<int> _early = [];
    private readonly bool _hasTerminal = Terminal.IsControlling;
    private ChildProcess? _child;

    /// <summary>Begins to keep signals; those that come before there is a child are sent when there is one.</summary>
    public SignalRelay()
    {
        var ignored = IgnoredSignals.Read();
        foreach (var signal in s_relayed)
        {
            // What whoever started us ignores (nohup, background jobs) the command ignores too.
            if (!ignored.Contains(signal))
            {
                // Positive numbers stand for themselves, negative ones are names.
                _registrations.Add(PosixSignalRegistration.Create((PosixSignal)signal, context => OnSignal(context, signal)));
            }
        }
    }

    public void SendTo(ChildProcess child)
    {
        lock (_lock)
        {
            _child = child;
            _early.ForEach(Send);
            _early.Clear();
        }
    }

    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void OnSignal(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        if (_hasTerminal && signal is (ProcessCalls.SIGINT or ProcessCalls.SIGQUIT))
        {
            return;
        }

        lock (_lock)
        {
            if (_child is null)
            {
                _early.Add(signal);
            }
            else
            {
                Send(signal);
            }
        }
    }

    private void Send(int signal)
    {
        if (signal == ProcessCalls.SIGCONT)
        {
            _child!.Continue();
        }
        else
        {
            _child!.Send(signal);
        }
    }
}
