using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Spiffe;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>
/// Answers the clients of the sidecar's own listeners over TLS. A client may show a certificate: it is then who the certificate says, whatever its address,
/// or is refused. The connection is judged inside the handshake, and what is inside by the relay. Thread-safe.
/// </summary>
/// <param name="secret">The secret with the listeners' certificate and key.</param>
/// <param name="options">Bounds, and the folder of secrets.</param>
/// <param name="door">Judges.</param>
/// <param name="upstream">Where what is allowed goes on.</param>
internal sealed class ListenerTls(TlsContext secret, DecryptionOptions options, HttpDoor door, UpstreamAddresses upstream)
{
    /// <summary>How often a client that has proven who it is is looked at again: certificates end, and authorities are withdrawn. 10 seconds, as bundles are.</summary>
    private static readonly TimeSpan s_recheck = TimeSpan.FromSeconds(10);

    // A client that speaks both gets what every server speaks; gRPC's speak only one.
    private static readonly List<SslApplicationProtocol> s_protocols = [SslApplicationProtocol.Http11, SslApplicationProtocol.Http2];

    private int _handshakes;
    private TlsSecrets? _secrets;

    /// <summary>Told of bugs.</summary>
    public required Action<Exception> OnFault { get; init; }

    /// <summary>Told of a secret that cannot be used, and why.</summary>
    public required Action<string, string> OnSecretNotUsed { get; init; }

    private TlsSecrets Secrets => _secrets ??= new TlsSecrets(options.SecretsPath, OnSecretNotUsed);

    /// <summary>Why no client could be answered now; empty if one could.</summary>
    public string Problem => Secrets.Find(secret, [], out var reason) is { Certificate: null } ? $"the secret {secret.SecretNamespace}/{secret.SecretName} has no certificate with its key" : reason;

    /// <summary>Takes over an accepted socket; never blocks.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="client">Its other end; null if that is gone already.</param>
    /// <param name="local">Where it was accepted.</param>
    /// <param name="loop">Serves what is inside.</param>
    public void Accept(int descriptor, IPEndPoint? client, IPEndPoint? local, RelayLoop loop) =>
        _ = Task.Run(() => ServeAsync(descriptor, client, local, loop));

    private async Task ServeAsync(int descriptor, IPEndPoint? client, IPEndPoint? local, RelayLoop loop)
    {
        var isServed = false;
        try
        {
            using var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
            using var socket = new Socket(handle);
            if (await AnswerAsync(socket, client, local).ConfigureAwait(false) is not ({ } tls, var permit, var credential))
            {
                return;
            }

            if (LocalPair.Create(out _) is not { } pair)
            {
                tls.Reset();
                return;
            }

            var connection = new DecryptedConnection(string.Empty, pair.Relay, upstream: null, first: null, failure: null, options, door.Time, CancellationToken.None);
            isServed = true;
            loop.Adopt(pair.Relay.Descriptor, permit, new UpstreamRoute(upstream.Current) { Decrypted = connection });
            var pumping = new PlaintextPump(tls, pair.Own, pair.Relay).RunAsync();
            if (credential is not null)
            {
                await WatchAsync(pumping, credential, tls).ConfigureAwait(false);
            }

            await pumping.ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the client has gone
        }
        catch (Exception bug)
        {
            OnFault(bug);
        }
        finally
        {
            if (!isServed)
            {
                loop.Shared.ReturnConnection();
            }
        }
    }

    private async Task<(TlsStream? Tls, ConnectionPermit Permit, PeerCredential? Credential)> AnswerAsync(Socket socket, IPEndPoint? client, IPEndPoint? local)
    {
        using var limit = new CancellationTokenSource(options.HandshakeTimeout, door.Time);
        try
        {
            if (Interlocked.Increment(ref _handshakes) > options.MaxHandshakes)
            {
                door.Drop(client, local, "too many TLS handshakes at the same time");
                return default;
            }

            if (Secrets.Find(secret, [], out var reason) is not { Certificate: { } certificate })
            {
                door.Drop(client, local, reason);
                return default;
            }

            var permit = default(ConnectionPermit);
            var isJudged = false;
            PeerCredential? credential = null;
            var transport = new TransportStream(socket, default);
            var tls = new SslStream(transport);
            try
            {
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate,
                        ApplicationProtocols = s_protocols,
                        EnabledSslProtocols = TlsVersions.Spoken,
                        AllowRenegotiation = false,
                        AllowTlsResume = false, // a resumed session would bring no authorities along
                        ClientCertificateRequired = door.Peers is not null,
                        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                        CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
                        RemoteCertificateValidationCallback = (_, shown, chain, _) =>
                        {
                            credential = shown is null || door.Peers is not { } peers ? null : new PeerCredential(peers, new PeerCertificate(shown, chain?.ChainPolicy.ExtraStore, client?.Address));
                            isJudged = true;
                            return door.Admit(client, local, credential, out permit).Allowed;
                        },
                    },
                    limit.Token).ConfigureAwait(false);
                if (!isJudged && !door.Admit(client, local, peer: null, out permit).Allowed)
                {
                    await tls.DisposeAsync().ConfigureAwait(false);
                    return default;
                }

                return (new TlsStream(tls, transport), permit, credential is { Refusal: null } ? credential : null);
            }
            catch (Exception problem) when (problem is AuthenticationException or IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                await tls.DisposeAsync().ConfigureAwait(false);
                if (!isJudged)
                {
                    door.Drop(client, local, $"no TLS handshake with the client: {(problem is OperationCanceledException ? "it did not finish in time" : problem.GetBaseException().Message)}");
                }

                return default;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _handshakes);
        }
    }

    private async Task WatchAsync(Task pumping, PeerCredential credential, TlsStream tls)
    {
        using var timer = new PeriodicTimer(s_recheck, door.Time);
        while (!pumping.IsCompleted)
        {
            var tick = timer.WaitForNextTickAsync().AsTask();
            await Task.WhenAny(pumping, tick).ConfigureAwait(false);
            if (credential.Refusal is not null)
            {
                tls.Reset();
                return;
            }
        }
    }
}
