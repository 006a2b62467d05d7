namespace PolicyProxy.Sidecar.Commands;

/// <summary>Exit codes shared by all verbs; docs/reference/cli.md lists what each verb means by them.</summary>
internal static class ExitCode
{
    /// <summary>Clean, allowed, as expected, or stopped on request.</summary>
    public const int Success = 0;

    /// <summary>The question was answered with no: errors found, traffic denied, demo not as expected.</summary>
    public const int Negative = 1;

    /// <summary>The question could not be asked: wrong usage, unreadable files, an address in use.</summary>
    public const int Failure = 2;

    /// <summary>
    /// <c>run</c> could not enforce policy, so the command did not start; the number <c>env</c>, <c>timeout</c> and <c>docker run</c> reserve for
    /// failures of their own.
    /// </summary>
    public const int NotEnforced = 125;

    /// <summary>The command of <c>run</c> cannot be executed, as shells report it.</summary>
    public const int CommandNotExecutable = 126;

    /// <summary>There is no such command, as shells report it.</summary>
    public const int CommandNotFound = 127;
}
