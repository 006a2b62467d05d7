using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Redirect.Instances;

/// <summary>The inode number of a path (statx(2)); that of a cgroup's directory is the id its programs see.</summary>
internal static unsafe partial class InodeNumber
{
    private const int AT_FDCWD = -100;
    private const uint STATX_INO = 0x100;

    /// <summary>Position of <c>stx_ino</c> in words of eight bytes.</summary>
    private const int InodeWord = 4;

    /// <summary>0 when the path does not exist.</summary>
    public static ulong Of(string path)
    {
        // struct statx has 256 bytes
        var answer = stackalloc ulong[32];
        return statx(AT_FDCWD, path, 0, STATX_INO, answer) == 0 ? answer[InodeWord] : 0;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ulong* answer);
}
