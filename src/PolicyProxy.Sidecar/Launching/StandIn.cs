using System.Globalization;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// A second process that does nothing until the first is killed, and then judges in its place until the command has ended. It is started once a
/// command has run for a while: what is over soon does not pay for it. Thread-safe.
/// </summary>
internal sealed unsafe class StandIn : IDisposable
{
    /// <summary>The hidden verb; not in the help, because only the program itself calls it.</summary>
    public const string Verb = "__stand-in";

    /// <summary>How long a command runs before it gets one: a second.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait for a killed process to be torn down: 10 seconds.</summary>
    private const int MaxEndingMilliseconds = 10_000;

    private readonly ProgramImage _program;
    private readonly string _instance;
    private readonly IReadOnlyList<string> _options;
    private readonly Action<string> _say;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private StartGate? _gate;
    private ChildProcess? _process;
    private bool _isOver;

    /// <summary>Does nothing before <see cref="Begin"/>.</summary>
    /// <param name="program">This program.</param>
    /// <param name="instance">Name of the run's instance.</param>
    /// <param name="options">The run's own arguments up to its command.</param>
    /// <param name="say">Told if there can be none.</param>
    public StandIn(ProgramImage program, string instance, IReadOnlyList<string> options, Action<string> say)
    {
        _program = program;
        _instance = instance;
        _options = options;
        _say = say;
        _timer = TimeProvider.System.CreateTimer(static state => ((StandIn)state!).Start(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Has one started after a while, and another whenever it ends before its time. Only when this process has left the run's cgroups: the other would be born
    /// into them, and they could not be removed before it ends, which is last of all.
    /// </summary>
    public void Begin() => StartAnother();

    /// <summary>Tells it that there is nothing to take over.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _timer.Dispose();
            _gate?.Open();
            _gate?.Dispose();
            _process?.Dispose();
        }
    }

    /// <summary>The other side: waits until the first process has ended, one way or the other.</summary>
    /// <param name="args">What it was started with.</param>
    /// <returns>The instance to take over and the command line of its run; null if there is nothing to do.</returns>
    public static (string Instance, string[] Run)? Wait(IReadOnlyList<string> args)
    {
        if (args is not [Verb, var gate, var instance, ..] || !int.TryParse(gate, CultureInfo.InvariantCulture, out var descriptor))
        {
            return null;
        }

        _ = ProcessCalls.setsid(); // what is typed at the terminal is for the command
        var first = OpenProcess(instance);
        if (StartGate.Wait(descriptor))
        {
            return null;
        }

        // The pipe ends while the process still does; what it held is free when it has.
        var end = new Libc.PollEntry { Descriptor = first, Events = Libc.POLLIN };
        _ = first < 0 ? 0 : Libc.poll(&end, 1, MaxEndingMilliseconds);
        return (instance, [Commands.RunCommand.Name, .. args.Skip(3), "--", instance]);
    }

    // Negative if it is gone already, or before Linux 5.3.
    private static int OpenProcess(string instance) =>
        int.TryParse(instance.AsSpan(instance.LastIndexOf('-') + 1), CultureInfo.InvariantCulture, out var id)
            ? (int)ProcessCalls.syscall(ProcessCalls.SYS_pidfd_open, id, 0, 0, 0, 0)
            : -1;

    private void Start()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            _process?.Dispose();
            _gate?.Dispose();
            try
            {
                _gate = new StartGate();
                _process = ChildProcess.Start(
                    _program, [Verb, _gate.Share().ToString(CultureInfo.InvariantCulture), _instance, .. _options], [], RawArguments.Environment());
                _gate.Shared();
                _ = _process.Ended.ContinueWith(_ => StartAnother(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            catch (EnforcementException problem)
            {
                _say($"policyproxy: nobody will take over if this process is killed: {problem.Message}");
            }
        }
    }

    private void StartAnother()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _ = _timer.Change(s_patience, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
