using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>
/// Holds a request to the server that the TLS handshake of its connection was for: the certificate was for that one, and so was the verdict on the
/// handshake. What names another is at the wrong place, whatever its own rules say (RFC 9110 §15.5.20; domain fronting).
/// </summary>
internal static class TlsServerJudge
{
    public static Verdict Judge<TRequest>(in ConnectionPermit permit, in Verdict verdict, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        if (permit.Tuple.TlsServer is not { } server || !permit.IsAllowed || HostName.IsOf(request.Authority, server))
        {
            return verdict;
        }

        var denial = new Verdict(false, VerdictReason.HostMismatch, verdict.Rule);
        return permit.Tuple.Audit ? denial.AsAudit() : denial;
    }
}
