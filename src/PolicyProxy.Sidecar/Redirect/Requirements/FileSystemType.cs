using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>The type of the file system a path is on, as a magic number (statfs(2)).</summary>
internal static unsafe partial class FileSystemType
{
    /// <summary>Pinned BPF objects.</summary>
    public const long Bpf = 0xcafe4a11;

    /// <summary>Control groups, version 2.</summary>
    public const long Cgroup2 = 0x63677270;

    /// <summary>0 when the path does not exist.</summary>
    public static long Of(string path)
    {
        // struct statfs is 120 bytes on 64-bit Linux and begins with the type
        var answer = stackalloc long[32];
        return statfs(path, answer) == 0 ? answer[0] : 0;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statfs(string path, long* answer);
}
