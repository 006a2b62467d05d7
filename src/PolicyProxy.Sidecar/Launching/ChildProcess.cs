using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// A child that inherits standard input, output and error and the process group, so that terminal and job control are its own. Not
/// System.Diagnostics.Process: that neither tells of a stopped child nor leaves the terminal alone. Signals are safe after the end: they go by a pidfd.
/// </summary>
internal sealed unsafe class ChildProcess : IDisposable
{
    /// <summary>Longer than a signal takes to reach every process of a group, shorter than anybody notices: 50 milliseconds.</summary>
    private const int SettlingMilliseconds = 50;

    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _descriptor;

    private ChildProcess(int id)
    {
        Id = id;
        _descriptor = (int)ProcessCalls.syscall(ProcessCalls.SYS_pidfd_open, id, 0, 0, 0, 0);
        new Thread(Wait) { IsBackground = true, Name = "command" }.Start();
    }

    public int Id { get; }

    /// <summary>Completes when the child has ended: its exit code, or 128 and the number of the signal that ended it.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>Starts a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="options">Its arguments up to the command.</param>
    /// <param name="command">The rest of its arguments.</param>
    /// <param name="variables">Its environment, <c>NAME=VALUE</c> each.</param>
    /// <exception cref="EnforcementException">It cannot be started.</exception>
    public static ChildProcess Start(ProgramImage program, IEnumerable<string> options, IReadOnlyList<byte[]> command, IReadOnlyList<byte[]> variables)
    {
        var file = Encoding.UTF8.GetBytes(program.File + '\0');
        using var arguments = new StringArray([.. program.Arguments.Prepend(program.File).Concat(options).Select(Encoding.UTF8.GetBytes), .. command]);
        using var environment = new StringArray(variables);
        int id;
        fixed (byte* path = file)
        {
            var error = ProcessCalls.posix_spawn(&id, path, null, null, arguments.Pointer, environment.Pointer);
            if (error != 0)
            {
                throw new EnforcementException($"cannot start {program.File}: {ErrorText.Of(error)}");
            }
        }

        return new ChildProcess(id);
    }

    /// <summary>Sends a signal; nothing happens when the child has ended.</summary>
    public void Send(int signal)
    {
        if (_descriptor >= 0)
        {
            _ = ProcessCalls.syscall(ProcessCalls.SYS_pidfd_send_signal, _descriptor, signal, 0, 0, 0);
        }
        else if (!Ended.IsCompleted)
        {
            _ = ProcessCalls.kill(Id, signal); // Linux before 5.3
        }
    }

    /// <summary>Lets a stopped child go on, in the foreground if that is where this process is.</summary>
    public void Continue()
    {
        var group = ProcessCalls.getpgid(Id);
        if (group > 0 && group != ProcessCalls.getpgrp())
        {
            Terminal.HandTo(group);
            _ = ProcessCalls.kill(-group, ProcessCalls.SIGCONT);
        }
        else
        {
            Send(ProcessCalls.SIGCONT);
        }
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Libc.close(_descriptor);
        }
    }

    private void Wait()
    {
        while (true)
        {
            int status;
            if (ProcessCalls.waitpid(Id, &status, ProcessCalls.WUNTRACED) < 0)
            {
                if (Marshal.GetLastPInvokeError() == ProcessCalls.EINTR)
                {
                    continue;
                }

                _ended.SetException(new IOException($"the command was lost: {ErrorText.Last}"));
                return;
            }

            // Macros of sys/wait.h: stopped, exited, signalled.
            if ((status & 0xff) == 0x7f)
            {
                StopAsWell((status >> 8) & 0xff);
                continue;
            }

            _ended.SetResult((status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f));
            return;
        }
    }

    /// <summary>
    /// The shell that started us waits for us and not for the child, so a stopped child has to stop us. Ctrl+Z reaches us by itself, unless the
    /// child has a process group of its own, as an interactive shell has.
    /// </summary>
    private void StopAsWell(int signal)
    {
        var isTogether = ProcessCalls.getpgid(Id) == ProcessCalls.getpgrp();
        if (isTogether && signal == ProcessCalls.SIGSTOP)
        {
            // Was it sent to the whole group, we are about to be stopped too, and must not stop again when we go on.
            var end = new Libc.PollEntry { Descriptor = _descriptor, Events = Libc.POLLIN };
            _ = Libc.poll(&end, 1, SettlingMilliseconds);
        }

        if ((!isTogether || signal == ProcessCalls.SIGSTOP) && IsStopped())
        {
            _ = ProcessCalls.kill(Environment.ProcessId, ProcessCalls.SIGSTOP);
        }
    }

    // It may have been continued since the kernel reported it.
    private bool IsStopped()
    {
        try
        {
            var status = File.ReadAllText($"/proc/{Id.ToString(CultureInfo.InvariantCulture)}/stat");
            return status.AsSpan(status.LastIndexOf(')') + 1).TrimStart()[0] == 'T';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
