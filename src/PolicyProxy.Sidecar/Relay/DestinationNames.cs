using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>A host and a port as a request names them.</summary>
/// <param name="Host">Name, or address without brackets.</param>
/// <param name="Port">Port; 80 if the request names none.</param>
internal readonly record struct NamedDestination(string Host, ushort Port)
{
    /// <summary>Reads an authority that the parser has checked.</summary>
    public static NamedDestination Of(ReadOnlySpan<char> authority)
    {
        var colon = authority[^1] == ']' ? -1 : authority.LastIndexOf(':');
        var host = colon < 0 ? authority : authority[..colon];
        var port = colon < 0 ? (ushort)80 : ushort.Parse(authority[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return new NamedDestination(host.Trim("[]").ToString(), port);
    }
}

/// <summary>What became of a look-up.</summary>
/// <param name="Addresses">The addresses; empty if there are none.</param>
/// <param name="IsLate">True if no answer came in time.</param>
internal readonly record struct NameAnswer(IPAddress[] Addresses, bool IsLate = false);

/// <summary>Looks names up with the system's resolver, off the loops' threads. Thread-safe.</summary>
/// <param name="limit">Longest wait for an answer.</param>
internal sealed class DestinationNames(TimeSpan limit)
{
    /// <summary>Look-ups at a time: 64. The resolver takes a thread for each, and those that are late go on.</summary>
    private const int MaxAtOnce = 64;

    /// <summary>Addresses of one name that are considered: 16.</summary>
    private const int MaxAddresses = 16;

    private int _running;

    /// <summary>Starts a look-up; false if too many are running.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="answer">Called on any thread, once.</param>
    public bool TryFind(string host, Action<NameAnswer> answer)
    {
        if (Interlocked.Increment(ref _running) > MaxAtOnce)
        {
            Interlocked.Decrement(ref _running);
            return false;
        }

        _ = FindAsync(host, answer);
        return true;
    }

    private async Task FindAsync(string host, Action<NameAnswer> answer)
    {
        var lookup = Task.Run(() => Look(host));
        _ = lookup.ContinueWith(_ => Interlocked.Decrement(ref _running), TaskScheduler.Default);
        try
        {
            answer(new NameAnswer(await lookup.WaitAsync(limit).ConfigureAwait(false)));
        }
        catch (TimeoutException)
        {
            answer(new NameAnswer([], IsLate: true));
        }
    }

    private static IPAddress[] Look(string host)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [Reached(address)]; // the resolver refuses some, 0.0.0.0 among them
        }

        try
        {
            return [.. Dns.GetHostAddresses(host).Select(Reached).Distinct().Take(MaxAddresses)];
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            return []; // there is no such name, or it is none
        }
    }

    // The address a connection really goes to: policy is asked about that one.
    private static IPAddress Reached(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.Equals(IPAddress.Any) ? IPAddress.Loopback
            : plain.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : plain;
    }
}
