using System.ComponentModel;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>Why a server cannot be spoken to.</summary>
/// <param name="reason">A clause for a flow.</param>
/// <param name="error">The nearest error number, for the choice of a reply.</param>
/// <param name="cause">What went wrong below.</param>
internal sealed class UpstreamTlsException(string reason, int error, Exception cause) : IOException(reason, cause)
{
    public int Error { get; } = error;
}

/// <summary>With whom a server is spoken to.</summary>
/// <param name="Trust">Who vouches for the server.</param>
/// <param name="Certificate">What the server is shown if it asks; null = nothing.</param>
internal sealed record UpstreamIdentity(UpstreamTrust Trust, SslStreamCertificateContext? Certificate);

/// <summary>Opens TLS connections to the server a client meant, under the very name that was judged. Thread-safe.</summary>
/// <param name="route">Where the client's connection goes on.</param>
/// <param name="server">The name, or the address as an authority writes it.</param>
/// <param name="identity">Who vouches for it, and who we are to it.</param>
/// <param name="handshakeTimeout">Longest handshake.</param>
/// <param name="connectTimeout">Longest wait for the connection itself.</param>
internal sealed class UpstreamTls(UpstreamRoute route, string server, UpstreamIdentity identity, TimeSpan handshakeTimeout, TimeSpan connectTimeout)
{
    /// <summary>What of an offer may be spoken to a server.</summary>
    public static List<SslApplicationProtocol>? Protocols(TlsOffer offer)
    {
        var list = new List<SslApplicationProtocol>();
        if (offer.HasFlag(TlsOffer.Http2))
        {
            list.Add(SslApplicationProtocol.Http2);
        }

        if (offer.HasFlag(TlsOffer.Http1))
        {
            list.Add(SslApplicationProtocol.Http11);
        }

        return list.Count == 0 ? null : list;
    }

    /// <summary>Connects and makes the handshake.</summary>
    /// <exception cref="UpstreamTlsException">That failed.</exception>
    public async Task<TlsStream> DialAsync(TlsOffer offer, CancellationToken cancellationToken)
    {
        var socket = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var transport = new TransportStream(socket, default);
        var tls = new SslStream(transport);
        var reason = string.Empty;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(handshakeTimeout);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = server.Trim('[', ']'),
                    EnabledSslProtocols = TlsVersions.Spoken,
                    ApplicationProtocols = Protocols(offer),
                    AllowRenegotiation = false,
                    AllowTlsResume = false, // every connection shows the certificate it is trusted for
                    CertificateChainPolicy = identity.Trust.Policy,
                    ClientCertificateContext = identity.Certificate,
                    RemoteCertificateValidationCallback = (_, _, chain, errors) => (reason = Describe(chain, errors)).Length == 0,
                },
                limit.Token).ConfigureAwait(false);
            return new TlsStream(tls, transport);
        }
        catch (Exception problem) when (problem is AuthenticationException or IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw problem is OperationCanceledException
                ? new UpstreamTlsException($"no TLS handshake with {server} in time", Libc.ETIMEDOUT, problem)
                : new UpstreamTlsException(reason.Length > 0 ? reason : $"no TLS handshake with {server}: {problem.GetBaseException().Message}", Libc.ECONNREFUSED, problem);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private string Describe(X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None ? string.Empty
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? $"{server} shows no certificate"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"the certificate shown is not for {server}"
        : $"the certificate of {server} is not trusted: {string.Join(", ", (chain?.ChainStatus ?? []).Select(static status => status.Status).Distinct())}";

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        UpstreamTlsException? failure = null;
        foreach (var address in route.Addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (route.Prepare((int)socket.Handle) is > 0 and var error)
                {
                    throw new Win32Exception(error);
                }

                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(connectTimeout);
                await socket.ConnectAsync(address, limit.Token).ConfigureAwait(false);
                return socket;
            }
            catch (Exception problem) when (problem is SocketException or Win32Exception or OperationCanceledException)
            {
                socket.Dispose();
                failure = problem is OperationCanceledException
                    ? new UpstreamTlsException($"no connection to {address} in time", Libc.ETIMEDOUT, problem)
                    : new UpstreamTlsException($"no connection to {address}: {problem.Message}", Libc.ECONNREFUSED, problem);
            }
        }

        throw failure!;
    }
}
