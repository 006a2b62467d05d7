namespace PolicyProxy.Sidecar.Redirect;

/// <summary>Where a shim is put and where it sends what needs layer 7. Immutable.</summary>
internal sealed record ShimOptions
{
    /// <summary>Directory of the workload's cgroup; every process in it and below is under policy.</summary>
    public required string WorkloadCgroup { get; init; }

    /// <summary>Directory of the proxy's cgroup, which must not be below the workload's.</summary>
    public required string ProxyCgroup { get; init; }

    /// <summary>Port on 127.0.0.1 and ::1 that takes redirected connections; 0 = what needs layer 7 is refused.</summary>
    public int EgressPort { get; init; }

    /// <summary>Listening sockets that take inbound connections: IPv4, IPv6; -1 = none. Without any, what needs layer 7 is refused.</summary>
    public (int Ipv4, int Ipv6) IngressListeners { get; init; } = (-1, -1);

    /// <summary>Port of <see cref="IngressListeners"/>; the workload can neither bind nor reach it.</summary>
    public int IngressPort { get; init; }

    /// <summary>
    /// How many datagram peers can be replaced by sockets of the proxy, one slot each, at most 255. A peer gets a slot when it is first needed and
    /// keeps it until the proxy takes it back; beyond, datagrams that need layer 7 are refused.
    /// </summary>
    public int Slots { get; init; }

    /// <summary>Port before the one of the first slot; slot n, from 1, is at 127.0.0.1 and ::1, port base + n.</summary>
    public int SlotBase { get; init; }

    /// <summary>True if loopback belongs to the workload alone, as in a pod; it is not judged then.</summary>
    public bool LoopbackIsOpen { get; init; }

    /// <summary>True if there is no way to the IPv6 Internet, so that clients fall back to IPv4 at once.</summary>
    public bool HasNoIpv6 { get; init; }

    /// <summary>False only counts what is allowed; telling each costs a busy workload more than judging it.</summary>
    public bool TellsAllowed { get; init; } = true;

    /// <summary>Network devices on which frames of the workload's packet sockets are dropped, by number.</summary>
    public IReadOnlyList<int> GuardedDevices { get; init; } = [];
}
