using System.Net;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Clients that send their queries here because they were told to: all ask the first of these resolvers that answers.</summary>
/// <param name="resolvers">The resolvers, in order of preference.</param>
internal sealed class ConfiguredResolvers(IReadOnlyList<IPEndPoint> resolvers) : IDnsOrigin
{
    public DnsResolver? ResolverOf(DnsLoop loop)
    {
        foreach (var address in resolvers)
        {
            if (loop.Resolver(address) is { IsSuspect: false } resolver)
            {
                return resolver;
            }
        }

        return resolvers.Count > 0 ? loop.Resolver(resolvers[0]) : null;
    }

    public bool TryIdentify(ReadOnlySpan<byte> sender, out WorkloadProcess? process)
    {
        process = null;
        return true;
    }
}
