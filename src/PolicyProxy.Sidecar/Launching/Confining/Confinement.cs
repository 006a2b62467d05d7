using System.Runtime.InteropServices;
using System.Text;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>
/// The child's side of a launch: confines this process step by step, then becomes the command. Everything happens on the thread that calls,
/// because namespaces, capabilities and filters belong to a thread, and it is this one whose exec replaces the process.
/// </summary>
internal static unsafe class Confinement
{
    /// <summary>Returns only if the command did not start: with the exit code that says why.</summary>
    /// <param name="args">What <see cref="CommandOrder.Options"/> wrote, and the command.</param>
    public static int Run(IReadOnlyList<string> args)
    {
        try
        {
            var order = CommandOrder.Parse(args);
            if (order.WorkCgroup is { } cgroup)
            {
                Confine(order, cgroup);
                if (!IsHeld(order))
                {
                    return ExitCode.NotEnforced;
                }
            }
            else if (order.User is { } user)
            {
                UserAccount.Find(user).Become();
            }

            // As if a shell had started it.
            ResetSignals();
            InheritedDescriptors.CloseOthersAtExec();
            return Execute(order.Command);
        }
        catch (EnforcementException problem)
        {
            Say(problem.Message);
        }
        catch (Exception problem) // whatever it is, the command has not been confined and must not run
        {
            Say($"the command was not started: {problem.Message}");
        }

        return ExitCode.NotEnforced;
    }

    private static void Confine(CommandOrder order, string cgroup)
    {
        // 1. What was opened before cannot be policed.
        InheritedDescriptors.Check();

        // 2. From here on every new socket is, once policy is in force.
        Join(cgroup);

        // 3. No way back: mounts and filter need CAP_SYS_ADMIN, which goes last.
        var user = order.User is null ? null : UserAccount.Find(order.User);
        MountIsolation.Apply();
        SeccompFilter.Apply();
        CapabilityDrop.Apply();
        user?.Become();
        if (user is { User: not 0 })
        {
            CapabilityDrop.ApplyAll();
        }
    }

    /// <summary>Waits until policy is in force and sees for itself. False if it will not be, which the parent explains.</summary>
    private static bool IsHeld(CommandOrder order)
    {
        if (order.Gate is { } gate && !StartGate.Wait(gate))
        {
            return false;
        }

        SelfProbe.Run(order.Probes);
        return true;
    }

    private static void Join(string cgroup)
    {
        try
        {
            new CgroupDirectory(cgroup).Join();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EnforcementException($"cannot join cgroup {cgroup}: {error.Message.TrimEnd('.')}", error);
        }
    }

    /// <summary>The runtime ignores SIGPIPE, and what is ignored stays ignored over an exec; handlers do not.</summary>
    private static void ResetSignals()
    {
        _ = ProcessCalls.signal(ProcessCalls.SIGPIPE, ProcessCalls.SIG_DFL);
        var none = stackalloc byte[ProcessCalls.SignalSetBytes];
        new Span<byte>(none, ProcessCalls.SignalSetBytes).Clear();
        _ = ProcessCalls.pthread_sigmask(ProcessCalls.SIG_SETMASK, none, null);
    }

    private static int Execute(IReadOnlyList<byte[]> command)
    {
        using var arguments = new StringArray(command);
        _ = ProcessCalls.execvp(arguments.Pointer[0], arguments.Pointer);
        var error = Marshal.GetLastPInvokeError();
        Say($"cannot execute {Encoding.UTF8.GetString(command[0])}: {Marshal.GetPInvokeErrorMessage(error)}");
        return error == ProcessCalls.ENOENT ? ExitCode.CommandNotFound : ExitCode.CommandNotExecutable;
    }

    // Not Console: it would set up a terminal that is the command's.
    private static void Say(string message)
    {
        var line = Encoding.UTF8.GetBytes($"policyproxy: {message}\n");
        fixed (byte* text = line)
        {
            _ = Libc.write(2, text, line.Length);
        }
    }
}
