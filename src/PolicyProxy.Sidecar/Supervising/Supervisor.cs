using System.Diagnostics;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Relay.Handover;

namespace PolicyProxy.Sidecar.Supervising;

/// <summary>
/// Starts a worker with the same arguments, and again whenever it dies, until it ends by itself or is told to. The worker's sockets stay open meanwhile:
/// what clients send waits for the next worker. The supervisor itself reads no traffic, loads no policy and opens nothing.
/// </summary>
/// <param name="program">How to start the worker.</param>
/// <param name="arguments">The worker's arguments.</param>
/// <param name="output">Told when a worker has died.</param>
internal sealed class Supervisor(ProgramImage program, IReadOnlyList<string> arguments, CommandOutput output) : IDisposable
{
    private static readonly PosixSignal[] s_forwarded = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly SocketKeeper _keeper = new();
    private readonly RestartPause _pause = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private Process? _worker;

    /// <summary>Runs until a worker ends by itself; its exit code.</summary>
    /// <param name="stop">Stops the worker, as SIGTERM does.</param>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var signals = Array.ConvertAll(s_forwarded, signal => PosixSignalRegistration.Create(signal, OnSignal));
        try
        {
            using var stopped = stop.Register(() => Stop(ProcessCalls.SIGTERM));
            while (true)
            {
                var start = Stopwatch.GetTimestamp();
                var worker = Start();
                await worker.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                var exitCode = End(worker);
                if (IsLast(exitCode))
                {
                    return exitCode;
                }

                var pause = _pause.After(Stopwatch.GetElapsedTime(start));
                await output.Error.WriteLineAsync($"policyproxy: the worker ended with {exitCode}, starting another{(pause > TimeSpan.Zero ? $" in {pause.TotalSeconds:0.0} s" : string.Empty)}").ConfigureAwait(false);
                await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_stopping.IsCancellationRequested)
                {
                    return exitCode;
                }
            }
        }
        finally
        {
            Array.ForEach(signals, static signal => signal.Dispose());
        }
    }

    public void Dispose()
    {
        _worker?.Dispose();
        _keeper.Dispose();
        _stopping.Dispose();
    }

    // 0: stopped, or another process has taken over. What cannot start the first time will not the second time.
    private bool IsLast(int exitCode) =>
        _stopping.IsCancellationRequested || exitCode == ExitCode.Success || (exitCode == ExitCode.Failure && !_keeper.HasServed);

    private Process Start()
    {
        var start = new ProcessStartInfo(program.File, [.. program.Arguments, .. arguments]);
        start.Environment[SocketKeeper.Variable] = _keeper.Path;
        lock (_lock)
        {
            _worker = Process.Start(start)!;
            if (_stopping.IsCancellationRequested)
            {
                _ = ProcessCalls.kill(_worker.Id, ProcessCalls.SIGTERM);
            }

            return _worker;
        }
    }

    private int End(Process worker)
    {
        lock (_lock)
        {
            _worker = null;
            using (worker)
            {
                return worker.ExitCode;
            }
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Stop(context.Signal switch
        {
            PosixSignal.SIGINT => ProcessCalls.SIGINT,
            PosixSignal.SIGHUP => ProcessCalls.SIGHUP,
            PosixSignal.SIGQUIT => ProcessCalls.SIGQUIT,
            _ => ProcessCalls.SIGTERM,
        });
    }

    // A worker that drains takes nothing new, so nobody may wait for it at a socket that is kept.
    private void Stop(int signal)
    {
        lock (_lock)
        {
            _stopping.Cancel();
            _keeper.Release();
            if (_worker is { HasExited: false } worker)
            {
                _ = ProcessCalls.kill(worker.Id, signal);
            }
        }
    }
}
