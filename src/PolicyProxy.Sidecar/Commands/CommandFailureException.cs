namespace PolicyProxy.Sidecar.Commands;

/// <summary>Ends a verb with exit code 2 and one line on stderr. The message is a sentence for the user, without a final full stop.</summary>
internal sealed class CommandFailureException(string message) : Exception(message);
