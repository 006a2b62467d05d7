using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>How many file descriptors the process may have (<c>RLIMIT_NOFILE</c>), and how many connections follow from it.</summary>
internal static unsafe class DescriptorLimit
{
    /// <summary>Descriptors kept for policy files, listeners, logs and the runtime: 64.</summary>
    private const int Reserved = 64;

    /// <summary>Raises the soft limit to the hard one and gives it.</summary>
    public static long Raise()
    {
        var limits = stackalloc ulong[2];
        if (Libc.getrlimit(Libc.RLIMIT_NOFILE, limits) < 0)
        {
            return 1024;
        }

        var soft = limits[0];
        if (soft < limits[1])
        {
            limits[0] = limits[1];
            if (Libc.setrlimit(Libc.RLIMIT_NOFILE, limits) < 0)
            {
                limits[0] = soft;
            }
        }

        return (long)Math.Min(limits[0], int.MaxValue);
    }

    /// <summary>The most client connections at a time: as asked for, or what the descriptors suffice for with one to the upstream for each.</summary>
    public static int MaxConnections(RelayOptions options)
    {
        var possible = (int)Math.Max((Raise() - Reserved) / 2, 1);
        return options.MaxConnections > 0 ? Math.Min(options.MaxConnections, possible) : possible;
    }
}
