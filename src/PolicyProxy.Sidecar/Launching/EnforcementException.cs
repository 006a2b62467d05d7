namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// Policy cannot be enforced on a command, so it must not run: ends the program with <see cref="Commands.ExitCode.NotEnforced"/>. The message
/// names what failed and the fix, without a final full stop.
/// </summary>
internal sealed class EnforcementException(string message, Exception? cause = null) : Exception(message, cause);
