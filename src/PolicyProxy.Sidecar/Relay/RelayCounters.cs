namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// What one loop has done since it started. Written by the loop alone, read by anyone: numbers may be a moment old, never torn.
/// </summary>
internal sealed class RelayCounters
{
    /// <summary>Client connections accepted and kept.</summary>
    public long Accepted;

    private long _active;

    /// <summary>Client connections open now, tunnels included. Thread-safe: the loop that accepts is not always the loop that serves.</summary>
    public long Active => Volatile.Read(ref _active);

    public void AddActive() => Interlocked.Increment(ref _active);

    public void RemoveActive() => Interlocked.Decrement(ref _active);

    /// <summary>Connections reset because no policy admits them.</summary>
    public long Refused;

    /// <summary>Connections reset because they were made to the proxy instead of being redirected to it.</summary>
    public long Strays;

    /// <summary>Connections reset because the relay is at a limit: connections, memory or descriptors.</summary>
    public long Overloaded;

    /// <summary>Errors of accept other than those counted as overload.</summary>
    public long AcceptErrors;

    /// <summary>Connections given to the HTTP/2 server.</summary>
    public long HandedOver;

    /// <summary>TLS connections given away to be decrypted.</summary>
    public long Decrypted;

    /// <summary>HTTP/1.x requests judged.</summary>
    public long Requests;

    /// <summary>Requests answered here because policy denies them.</summary>
    public long Denied;

    /// <summary>Requests refused because they cannot be read in one way only.</summary>
    public long Malformed;

    /// <summary>Upgraded and passed-through connections.</summary>
    public long Tunnels;

    /// <summary>Connections to the upstream that were opened.</summary>
    public long UpstreamConnects;

    /// <summary>Requests that went over an open connection to the upstream.</summary>
    public long UpstreamReuses;

    /// <summary>Attempts to connect to the upstream that failed.</summary>
    public long UpstreamConnectFailures;

    /// <summary>Responses of the upstream that could not be read, were cut short or never came.</summary>
    public long UpstreamFailures;

    /// <summary>Requests and connections ended by a timeout.</summary>
    public long Timeouts;

    /// <summary>Exceptions that came out of a connection's turn: bugs.</summary>
    public long Faults;

    /// <summary>Adds another loop's numbers.</summary>
    public void Add(RelayCounters other)
    {
        Accepted += Volatile.Read(ref other.Accepted);
        _active += other.Active;
        Refused += Volatile.Read(ref other.Refused);
        Strays += Volatile.Read(ref other.Strays);
        Overloaded += Volatile.Read(ref other.Overloaded);
        AcceptErrors += Volatile.Read(ref other.AcceptErrors);
        HandedOver += Volatile.Read(ref other.HandedOver);
        Decrypted += Volatile.Read(ref other.Decrypted);
        Requests += Volatile.Read(ref other.Requests);
        Denied += Volatile.Read(ref other.Denied);
        Malformed += Volatile.Read(ref other.Malformed);
        Tunnels += Volatile.Read(ref other.Tunnels);
        UpstreamConnects += Volatile.Read(ref other.UpstreamConnects);
        UpstreamReuses += Volatile.Read(ref other.UpstreamReuses);
        UpstreamConnectFailures += Volatile.Read(ref other.UpstreamConnectFailures);
        UpstreamFailures += Volatile.Read(ref other.UpstreamFailures);
        Timeouts += Volatile.Read(ref other.Timeouts);
        Faults += Volatile.Read(ref other.Faults);
    }
}
