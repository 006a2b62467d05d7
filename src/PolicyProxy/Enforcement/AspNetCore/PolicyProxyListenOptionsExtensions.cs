using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Enforcement.AspNetCore;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts the policies before the connections of a Kestrel listener.</summary>
public static class PolicyProxyListenOptionsExtensions
{
    /// <summary>
    /// Judges every connection of the listener by the policies of <c>AddPolicyProxy</c>, before a byte of it is read by anybody else: address and port,
    /// and the TLS server name where a rule asks for one. Call it before <c>UseHttps</c>. HTTP/3 is switched off: its connections do not pass here.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>AddPolicyProxy</c> was not called.</exception>
    public static ListenOptions UsePolicyProxy(this ListenOptions listen, Action<PolicyConnectionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(listen);
        var options = new PolicyConnectionOptions();
        configure?.Invoke(options);
        options.Validate();
        var door = listen.ApplicationServices.GetService<HttpDoor>()
            ?? throw new InvalidOperationException("UsePolicyProxy needs services.AddPolicyProxy().");
        listen.Protocols &= ~HttpProtocols.Http3;
        listen.Use(next => new PolicyConnectionMiddleware(next, door, options).OnConnectionAsync);
        return listen;
    }

    /// <summary>
    /// Asks clients for SPIFFE certificates and judges them by the identities these prove (<c>PolicyProxyOptions.TrustDomains</c>). Clients without one
    /// are judged by their address; clients with a wrong one are refused. Needs <see cref="UsePolicyProxy(ListenOptions, Action{PolicyConnectionOptions})"/>
    /// before <c>UseHttps</c>, and the middleware.
    /// </summary>
    public static HttpsConnectionAdapterOptions UsePolicyProxy(this HttpsConnectionAdapterOptions https)
    {
        ArgumentNullException.ThrowIfNull(https);
        https.ClientCertificateMode = ClientCertificateMode.NoCertificate; // the handshake asks all the same; Kestrel's own check would come second
        var before = https.OnAuthenticate;
        https.OnAuthenticate = (connection, tls) =>
        {
            before?.Invoke(connection, tls);
            var handshake = connection?.Features.Get<PeerHandshake>() ?? throw new InvalidOperationException(
                "Client certificates are judged only with trust domains, listen.UsePolicyProxy() before UseHttps, and app.UsePolicyProxy().");
            handshake.Configure(tls);
        };
        return https;
    }
}
