using PolicyProxy.Enforcement.AspNetCore;
using Yarp.ReverseProxy.Forwarder;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// Sends the upstream what was judged: path and query byte for byte as received, and the authority as the Host field. Adds nothing
/// (no X-Forwarded-*, no Via): the proxy is transparent. Hop-by-hop fields stay behind (RFC 9110 §7.6.1).
/// </summary>
internal sealed class JudgedRequestTransformer(Uri upstream) : HttpTransformer
{
    // The path is not ours to clean up: an upstream may tell /a%2Fb from /a/b, and policy judged what was sent.
    private static readonly UriCreationOptions s_verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly string _origin = upstream.GetLeftPart(UriPartial.Authority);

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        var request = new HttpContextRequest(httpContext);
        proxyRequest.RequestUri = new Uri(string.Concat(_origin, request.Path), s_verbatim);
        proxyRequest.Headers.Remove("Host");
        if (!request.Authority.IsEmpty)
        {
            proxyRequest.Headers.TryAddWithoutValidation("Host", request.Authority.ToString());
        }
    }
}
