namespace PolicyProxy.Sidecar.Launching;

/// <summary>The terminal this process shares with the command, if any: which process group reads from it.</summary>
internal static class Terminal
{
    private const int StandardInput = 0;

    /// <summary>The group in the foreground; negative if there is no terminal.</summary>
    public static int Foreground => ProcessCalls.tcgetpgrp(StandardInput);

    /// <summary>True if the session has a terminal, whatever standard input is: Ctrl+C reaches every process of the foreground group.</summary>
    public static bool IsControlling
    {
        get
        {
            try
            {
                using var terminal = File.OpenHandle("/dev/tty");
                return true;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <summary>A command with job control has a group of its own. When a shell puts us in the foreground, it is the command that is meant.</summary>
    public static void HandTo(int group)
    {
        if (group != ProcessCalls.getpgrp() && Foreground == ProcessCalls.getpgrp())
        {
            _ = ProcessCalls.tcsetpgrp(StandardInput, group);
        }
    }

    /// <summary>Takes the terminal back from a command that ended without giving it back.</summary>
    public static void TakeBack(int foregroundBefore)
    {
        if (foregroundBefore != ProcessCalls.getpgrp() || Foreground == foregroundBefore)
        {
            return;
        }

        // Asking for it from the background would otherwise stop this process.
        var before = ProcessCalls.signal(ProcessCalls.SIGTTOU, ProcessCalls.SIG_IGN);
        _ = ProcessCalls.tcsetpgrp(StandardInput, foregroundBefore);
        _ = ProcessCalls.signal(ProcessCalls.SIGTTOU, before);
    }
}
