using Microsoft.Win32.SafeHandles;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// Standard output and error without System.Console, which sends control sequences to a terminal when it is first used: they would change how it
/// behaves for a command that shares it.
/// </summary>
internal static class BareOutput
{
    public static TextWriter Standard => Open(1);

    public static TextWriter Error => Open(2);

    private static StreamWriter Open(int descriptor) =>
        new(new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0)) { AutoFlush = true };
}
