namespace PolicyProxy.Sidecar;

/// <summary>The sidecar cannot start for a reason its user can mend. The message is one line, or one line for each policy problem.</summary>
internal sealed class SidecarStartException(string message, Exception? cause = null) : Exception(message, cause);
