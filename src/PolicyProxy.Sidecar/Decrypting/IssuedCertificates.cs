using System.Net.Security;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>The certificates clients were answered with lately, so that not every connection costs a signature. Thread-safe.</summary>
/// <param name="authority">Issues them.</param>
/// <param name="capacity">Most at a time.</param>
/// <param name="time">Tells when one is to be renewed.</param>
internal sealed class IssuedCertificates(RunAuthority authority, int capacity, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Issued>> _byServer = new(StringComparer.Ordinal);
    private readonly LinkedList<Issued> _byUse = new();

    /// <summary>The certificate for a server.</summary>
    public SslStreamCertificateContext For(string server)
    {
        lock (_lock)
        {
            if (_byServer.TryGetValue(server, out var known))
            {
                _byUse.Remove(known);
                if (time.GetUtcNow() < known.Value.Renewal)
                {
                    _byUse.AddFirst(known);
                    return known.Value.Context;
                }
            }

            // Without looking for issuers: there is one, and clients have it.
            var certificate = authority.Issue(server, out var renewal);
            var context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
            _byServer[server] = _byUse.AddFirst(new Issued(server, context, renewal));
            if (_byUse.Count > capacity)
            {
                _byServer.Remove(_byUse.Last!.Value.Server); // not disposed: a handshake may be using it
                _byUse.RemoveLast();
            }

            return context;
        }
    }

    private sealed record Issued(string Server, SslStreamCertificateContext Context, DateTimeOffset Renewal);
}
