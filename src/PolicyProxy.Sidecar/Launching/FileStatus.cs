using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Inode number and kind of a file, from statx(2), whose layout is the same on every architecture.</summary>
/// <param name="Inode">Inode number; of a cgroup directory it is the cgroup's id.</param>
/// <param name="IsDirectory">True for a directory.</param>
internal readonly record struct FileStatus(ulong Inode, bool IsDirectory)
{
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int Bytes = 256;
    private const uint BasicFields = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int Directory = 0x4000;

    public static unsafe FileStatus? Of(string path) => Read(ProcessCalls.AT_FDCWD, path, 0);

    public static unsafe FileStatus? Of(int descriptor) => Read(descriptor, string.Empty, ProcessCalls.AT_EMPTY_PATH);

    private static unsafe FileStatus? Read(int directory, string path, int flags)
    {
        Span<byte> result = stackalloc byte[Bytes];
        fixed (byte* place = result)
        {
            if (ProcessCalls.statx(directory, path, flags, BasicFields, place) != 0)
            {
                return null;
            }
        }

        var mode = MemoryMarshal.Read<ushort>(result[ModeOffset..]);
        return new FileStatus(MemoryMarshal.Read<ulong>(result[InodeOffset..]), (mode & TypeMask) == Directory);
    }
}
