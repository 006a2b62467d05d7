using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>The file system of pinned BPF objects.</summary>
internal static class BpfFileSystem
{
    /// <summary>Where it is by convention.</summary>
    public const string Path = "/sys/fs/bpf";

    private const uint Magic = 0xcafe4a11;

    /// <summary>True if a BPF file system is mounted there.</summary>
    public static bool IsMounted => IsAt(Path);

    /// <summary>True if <paramref name="path"/> is in a BPF file system.</summary>
    public static bool IsAt(string path) => Libc.FileSystemOf(path) == Magic;

    /// <summary>Mounts it if it is not there.</summary>
    /// <exception cref="ShimException">It cannot be mounted: nothing can be pinned, so a death of the proxy would open the gate.</exception>
    public static void EnsureMounted()
    {
        if (!IsMounted && Libc.mount("bpf", Path, "bpf", 0, 0) != 0)
        {
            throw ShimException.Of($"mount a BPF file system at {Path} (mount -t bpf bpf {Path})");
        }
    }

    /// <summary>The directory of an instance's pins.</summary>
    public static string PinsOf(string instance) => System.IO.Path.Combine(Path, "policyproxy", instance, Shim.Layout);

    /// <summary>Makes a directory for pins, and the ones above it.</summary>
    public static void Make(string directory)
    {
        const int Attempts = 10;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < Attempts)
            {
                // Another instance, ending, removed the common directory between two steps of this one.
            }
        }
    }

    /// <summary>Removes a directory of pins with all in it, and the directories above that are empty then, up to the mount.</summary>
    public static void Remove(string directory)
    {
        Directory.Delete(directory, recursive: true);
        var above = System.IO.Path.GetDirectoryName(directory);
        while (above is not null && above.StartsWith(Path + "/", StringComparison.Ordinal) && TryRemoveEmpty(above))
        {
            above = System.IO.Path.GetDirectoryName(above);
        }
    }

    private static bool TryRemoveEmpty(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (IOException)
        {
            return false; // another instance is in it, or has removed it
        }
    }
}
