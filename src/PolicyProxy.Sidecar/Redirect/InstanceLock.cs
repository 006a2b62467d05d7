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
    /// <exception cref="ShimException">Another process holds it.</exception>
    public static InstanceLock Take(string directory)
    {
        var descriptor = Libc.open(directory, Libc.O_CLOEXEC);
        if (descriptor < 0)
        {
            throw ShimException.Of($"open {directory}");
        }

        if (Libc.flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        {
            _ = Libc.close(descriptor);
            throw new ShimException($"another process serves the instance of {directory}: stop it first; policy stays in force until the next one serves");
        }

        return new InstanceLock(descriptor);
    }

    public void Dispose() => _ = Libc.close(_descriptor);
}
