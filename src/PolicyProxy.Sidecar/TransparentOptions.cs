using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar;

/// <summary>
/// Which redirected connections a <see cref="SidecarServer"/> serves. It listens for each kind on one port of 127.0.0.1 and [::1]; redirecting
/// connections there is somebody else's part. Immutable.
/// </summary>
internal sealed record TransparentOptions
{
    /// <summary>True serves what the workload connects to.</summary>
    public bool Egress { get; init; }

    /// <summary>True serves who connects to the workload.</summary>
    public bool Ingress { get; init; }

    /// <summary>Port for egress. Default 0: any that is free.</summary>
    public ushort EgressPort { get; init; }

    /// <summary>Port for ingress. Default 0: any that is free.</summary>
    public ushort IngressPort { get; init; }

    /// <summary>Port before the first slot of the process before, whose sockets may be inherited. Default 0: there was none.</summary>
    public int EarlierSlotBase { get; init; }

    /// <summary>
    /// True, the default, fails inbound connections of which the workload cannot be shown the true client: it would take the proxy on loopback
    /// for it, which it may trust.
    /// </summary>
    public bool NeedsClientShown { get; init; } = true;

    /// <summary>Who redirects datagrams; null = nobody.</summary>
    public IRedirectedDatagrams? Datagrams { get; init; }

    /// <summary>Who redirects. Default: the kernel.</summary>
    public IRedirectedSockets Sockets { get; init; } = KernelRedirectedSockets.Instance;
}
