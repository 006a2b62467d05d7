using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>The kernel part could not be set up; the message says which step and why.</summary>
internal sealed class ShimException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A failure of the last native call.</summary>
    public static ShimException Of(string step)
    {
        var error = Marshal.GetLastPInvokeError();
        var log = BpfLog.Take();
        var text = $"{step}: {Marshal.GetPInvokeErrorMessage(error)} (error {error})";
        return new ShimException(log.Length == 0 ? text : $"{text}\n{log}");
    }
}
