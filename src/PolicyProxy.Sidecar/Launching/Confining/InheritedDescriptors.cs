using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>
/// What a command may inherit. A socket made before its process joined the cgroup is not policed, and an open directory leads into the mounts
/// outside, where control files can be written.
/// </summary>
internal static unsafe class InheritedDescriptors
{
    private const int SO_DOMAIN = 39;
    private const int FirstOther = 3;
    private const int AF_UNIX = 1;

    private static readonly string[] s_names = ["input", "output", "error"];

    /// <summary>Refuses standard input, output and error that lead around policy.</summary>
    /// <exception cref="EnforcementException">One does.</exception>
    public static void Check()
    {
        for (var descriptor = 0; descriptor < FirstOther; descriptor++)
        {
            int family;
            var length = (uint)sizeof(int);
            if (Libc.getsockopt(descriptor, Libc.SOL_SOCKET, SO_DOMAIN, &family, &length) == 0 && family != AF_UNIX)
            {
                throw new EnforcementException(
                    $"standard {s_names[descriptor]} is a network socket, which was opened before policy was in force; put a pipe between: policyproxy run ... -- CMD | cat");
            }

            if (FileStatus.Of(descriptor) is { IsDirectory: true })
            {
                throw new EnforcementException($"standard {s_names[descriptor]} is a directory, which leads around read-only mounts; give a file, a pipe or a terminal");
            }
        }
    }

    /// <summary>Sees to it that no other descriptor survives the exec.</summary>
    public static void CloseOthersAtExec()
    {
        if (ProcessCalls.syscall(ProcessCalls.SYS_close_range, FirstOther, unchecked((nint)uint.MaxValue), ProcessCalls.CLOSE_RANGE_CLOEXEC, 0, 0) != 0)
        {
            throw new EnforcementException($"cannot close inherited descriptors: {ErrorText.Last}; policyproxy run needs Linux 5.11");
        }
    }
}
