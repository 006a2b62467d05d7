using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>Keeps the last lines libbpf printed, for the message of a failure; nothing goes to the terminal. Thread-safe.</summary>
internal static unsafe class BpfLog
{
    private const int MaxLines = 64;
    private const int MaxLineBytes = 4096;

    private static readonly Queue<string> s_lines = new();

    /// <summary>Takes libbpf's output from now on.</summary>
    public static void Capture() => LibBpf.libbpf_set_print(&Print);

    /// <summary>The last lines, oldest first, and none of them again.</summary>
    public static string Take()
    {
        lock (s_lines)
        {
            var text = string.Concat(s_lines);
            s_lines.Clear();
            return text.TrimEnd();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, void* arguments)
    {
        // A va_list is passed as a pointer on x86-64 and arm64, so libc can be given it as one.
        var buffer = stackalloc byte[MaxLineBytes];
        _ = Libc.vsnprintf(buffer, MaxLineBytes, format, arguments);
        lock (s_lines)
        {
            s_lines.Enqueue(Marshal.PtrToStringUTF8((nint)buffer) ?? string.Empty);
            if (s_lines.Count > MaxLines)
            {
                s_lines.Dequeue();
            }
        }

        return 0;
    }
}
