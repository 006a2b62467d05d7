using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Enforcement.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the policies before the rest of the pipeline.</summary>
public static class PolicyProxyApplicationBuilderExtensions
{
    /// <summary>
    /// Judges every request by the policies of <c>AddPolicyProxy</c>. Place it first: what runs before it is not protected. After
    /// forwarded-headers middleware the peer is the forwarded address, so let only trusted proxies set it.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>AddPolicyProxy</c> was not called.</exception>
    public static IApplicationBuilder UsePolicyProxy(this IApplicationBuilder app)
    {
        var door = app.ApplicationServices.GetService<HttpDoor>()
            ?? throw new InvalidOperationException("UsePolicyProxy needs services.AddPolicyProxy().");
        door.JudgesRequests = true;
        return app.Use(next => new PolicyProxyMiddleware(next, door).InvokeAsync);
    }
}
