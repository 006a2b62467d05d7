using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Whom the senders at one socket ask, and who they are. Called on the loop's thread.</summary>
internal interface IDnsOrigin
{
    /// <summary>The resolver that is asked here; null = nobody is.</summary>
    DnsResolver? ResolverOf(DnsLoop loop);

    /// <summary>False for a sender that is not the workload.</summary>
    /// <param name="sender">Its address in the kernel's form.</param>
    /// <param name="process">Its process; null = not known.</param>
    bool TryIdentify(ReadOnlySpan<byte> sender, out WorkloadProcess? process);
}
