using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>An error number of the kernel in its own words.</summary>
internal static class ErrorText
{
    /// <summary>Of the last call that failed on this thread.</summary>
    public static string Last => Of(Marshal.GetLastPInvokeError());

    public static string Of(int number) => $"{Marshal.GetPInvokeErrorMessage(number)} (error {number})";
}
