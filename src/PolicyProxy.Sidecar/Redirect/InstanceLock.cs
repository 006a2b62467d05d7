using System.Globalization;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// Holds an instance for one process: two that publish into the same maps would undo each other. The kernel gives it back when the process
/// ends, however it ends.
/// </summary>
internal sealed class InstanceLock : IDisposable
{
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;

    private readonly int _descriptor;

    private InstanceLock(int descriptor) => _descriptor = descriptor;

    /// <summary>Locks a directory of pins.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="waits">True waits until nobody holds it.</param>
    /// <exception cref="ShimException">Another process holds it.</exception>
    public static InstanceLock Take(string directory, bool waits = false)
    {
        var descriptor = Libc.open(directory, Libc.O_CLOEXEC);
        if (descriptor < 0)
        {
            throw ShimException.Of($"open {directory}");
        }

        if (Libc.flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0)
        {
            _ = Libc.close(descriptor);
            throw new ShimException($"another process serves the instance of {directory}: stop it first; policy stays in force until the next one serves");
        }

        return new InstanceLock(descriptor);
    }

    /// <summary>The process that holds a directory of pins, as this process id namespace numbers it (0 if it does not show it); null = nobody does.</summary>
    public static int? HolderOf(string directory)
    {
        if (FileStatus.Of(directory) is not { } status)
        {
            return null;
        }

        // proc(5): number: FLOCK ADVISORY WRITE pid major:minor:inode start end
        var file = ":" + status.Inode.ToString(CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/locks")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 5 && words[1] == "FLOCK" && words[5].EndsWith(file, StringComparison.Ordinal))
            .Select(words => (int?)Math.Max(int.Parse(words[4], CultureInfo.InvariantCulture), 0))
            .FirstOrDefault();
    }

    public void Dispose() => _ = Libc.close(_descriptor);
}
