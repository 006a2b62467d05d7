using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>
/// Takes TLS connections whose inside is to be judged, answers the client in place of its server, and gives the plaintext back to the relay, which
/// judges it as any other:
/// <code>
/// client ══TLS══ pump ──local── relay ──local── pump ══TLS══ server
/// </code>
/// The server comes first: the client is answered with what the server speaks, and not at all with what the server would not have been. Thread-safe.
/// </summary>
internal sealed class TlsDecryptor : IAsyncDisposable
{
    private const string PassHint = "a rule with serverNames and without layer 7 rules passes the name untouched";

    private readonly DecryptionOptions _options;
    private readonly PolicyGate _gate;
    private readonly TimeProvider _time;
    private readonly TimeSpan _connectTimeout;
    private readonly TlsCredentials _credentials;
    private readonly SemaphoreSlim _handshakes;
    private readonly ConcurrentDictionary<long, Task> _serving = new();
    private readonly CancellationTokenSource _stop = new();
    private long _accepted;

    /// <param name="options">Bounds, and who vouches for whom.</param>
    /// <param name="gate">Told of handshakes that fail.</param>
    /// <param name="time">Clock.</param>
    /// <param name="connectTimeout">Longest wait for a connection to a server.</param>
    public TlsDecryptor(DecryptionOptions options, PolicyGate gate, TimeProvider time, TimeSpan connectTimeout)
    {
        _options = options;
        _gate = gate;
        _time = time;
        _connectTimeout = connectTimeout;
        _credentials = new TlsCredentials(options, time, (secret, problem) => OnSecretNotUsed!(secret, problem));
        _handshakes = new SemaphoreSlim(options.MaxHandshakes);
    }

    /// <summary>Told of bugs.</summary>
    public required Action<Exception> OnFault { get; init; }

    /// <summary>Told of secrets that are new and cannot be used: which, and why.</summary>
    public required Action<string, string> OnSecretNotUsed { get; init; }

    /// <summary>Takes over a connected socket; never blocks.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="arrival">What is known of it.</param>
    public void Accept(int descriptor, TlsArrival arrival)
    {
        var number = Interlocked.Increment(ref _accepted);
        var serving = Task.Run(() => ServeAsync(descriptor, arrival));
        _serving[number] = serving; // before it may be removed: it may be over already
        _ = serving.ContinueWith(_ => _serving.TryRemove(number, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Where a client that speaks in the open goes on if a rule asks for TLS to the server; null with the reason if that cannot be had.</summary>
    /// <param name="permit">The client's permit.</param>
    /// <param name="route">Where it would go on.</param>
    /// <param name="server">The host it names, in lower case.</param>
    /// <param name="originating">The context.</param>
    /// <param name="reason">What is missing.</param>
    public UpstreamRoute? Originate(in ConnectionPermit permit, UpstreamRoute route, string server, TlsContext originating, out string reason)
    {
        if (!_credentials.TryOriginate(originating, permit.State?.Policy.Secrets ?? [], out var identity, out reason))
        {
            return null;
        }

        var upstream = new UpstreamTls(route, server, identity, _options.HandshakeTimeout, _connectTimeout);
        var connection = new DecryptedConnection(server, new PlaintextEnd(-1), upstream, first: null, failure: null, _options, _time, _stop.Token);
        return new UpstreamRoute(route.Addresses) { Client = route.Client, Decrypted = connection };
    }

    /// <summary>Waits for connections whose clients are gone, so that what there is to tell of them is told.</summary>
    /// <param name="limit">Longest wait.</param>
    public Task SettleAsync(TimeSpan limit) => Task.WhenAll(_serving.Values).WaitAsync(limit, _time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
        _handshakes.Dispose();
    }

    private async Task ServeAsync(int descriptor, TlsArrival arrival)
    {
        Task? serving = null;
        try
        {
            using var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
            using var socket = new Socket(handle);
            serving = await TakeTurnAsync(socket, arrival).ConfigureAwait(false);
            await (serving ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the client has gone, or this process is going
        }
        catch (Exception bug)
        {
            OnFault(bug);
        }
        finally
        {
            if (serving is null)
            {
                arrival.Loop.Shared.ReturnConnection();
            }
        }
    }

    private async Task<Task?> TakeTurnAsync(Socket socket, TlsArrival arrival)
    {
        if (!await _handshakes.WaitAsync(_options.HandshakeTimeout, _stop.Token).ConfigureAwait(false))
        {
            Refuse(arrival, "too many TLS handshakes at the same time");
            return null;
        }

        try
        {
            return await HandshakeAsync(socket, arrival).ConfigureAwait(false);
        }
        finally
        {
            _handshakes.Release();
        }
    }

    // 1. The server  2. the client, answered alike  3. the relay. Gives what runs until the client's end; null if it does not come that far.
    private async Task<Task?> HandshakeAsync(Socket socket, TlsArrival arrival)
    {
        var server = arrival.ServerName.Length > 0 ? arrival.ServerName : Authority(arrival.Route.Address.Address);
        if (!_credentials.TryFind(arrival, server, out var credentials, out var reason))
        {
            Refuse(arrival, reason);
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            return null;
        }

        var upstream = credentials.Upstream is { } identity ? new UpstreamTls(arrival.Route, server, identity, _options.HandshakeTimeout, _connectTimeout) : null;
        TlsStream? first = null;
        UpstreamTlsException? failure = null;
        try
        {
            first = upstream is null ? null : await upstream.DialAsync(arrival.Offer, _stop.Token).ConfigureAwait(false);
        }
        catch (UpstreamTlsException problem)
        {
            failure = problem; // the client is told in its own protocol
        }

        if (await AnswerAsync(socket, arrival, server, credentials, Protocols(arrival.Offer, first)).ConfigureAwait(false) is not { } client)
        {
            first?.Reset();
            return null;
        }

        if (LocalPair.Create(out _) is not { } pair)
        {
            first?.Reset();
            client.Reset();
            return null;
        }

        var connection = new DecryptedConnection(server, pair.Relay, upstream, first, failure, _options, _time, _stop.Token)
        {
            ClientCertificate = credentials.Clients is null ? null : client.Tls.RemoteCertificate as X509Certificate2,
        };
        var permit = arrival.Permit;
        permit.Tuple = permit.Tuple with { TlsServer = server, PeerNameIsVerified = upstream is not null };
        arrival.Loop.Adopt(pair.Relay.Descriptor, permit, new UpstreamRoute(arrival.Route.Addresses) { Client = arrival.Route.Client, Decrypted = connection });
        return PumpAsync(new PlaintextPump(client, pair.Own, pair.Relay), connection, arrival);
    }

    private async Task PumpAsync(PlaintextPump pump, DecryptedConnection connection, TlsArrival arrival)
    {
        await pump.RunAsync().ConfigureAwait(false);
        connection.Forget();
        if (pump is { Received: 0, PeerLeft: true })
        {
            Refuse(arrival, "the client has left after the handshake without asking anything: it may want to see the server's own certificate (pinning); " + PassHint);
        }
    }

    // Null if the client does not want it.
    private async Task<TlsStream?> AnswerAsync(Socket socket, TlsArrival arrival, string server, TlsCredentialsFound credentials, List<SslApplicationProtocol>? protocols)
    {
        var transport = new TransportStream(socket, arrival.Received);
        var tls = new SslStream(transport);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_options.HandshakeTimeout);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = credentials.Server,
                    ClientCertificateRequired = credentials.Clients is not null,
                    CertificateChainPolicy = credentials.Clients?.Policy,
                    RemoteCertificateValidationCallback = credentials.Clients is null ? null : static (_, certificate, _, errors) => certificate is not null && errors == SslPolicyErrors.None,
                    EnabledSslProtocols = TlsVersions.Spoken,
                    ApplicationProtocols = protocols,
                    AllowRenegotiation = false,
                    AllowTlsResume = false, // a session was for a name, and so was the verdict on it
                },
                limit.Token).ConfigureAwait(false);
            return new TlsStream(tls, transport);
        }
        catch (Exception problem) when (problem is AuthenticationException or IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            Refuse(arrival, problem is OperationCanceledException
                ? "the client did not finish the TLS handshake in time"
                : $"the client does not accept the certificate made for {server} here, or no handshake with it is possible ({problem.GetBaseException().Message}); {PassHint}");
            return null;
        }
    }

    // What the server speaks. If there is none to speak to, what the client understands, to be told so.
    private static List<SslApplicationProtocol>? Protocols(TlsOffer offer, TlsStream? server) =>
        server is null ? UpstreamTls.Protocols(offer.HasFlag(TlsOffer.Http1) ? TlsOffer.Http1 : offer)
        : server.Tls.NegotiatedApplicationProtocol is { Protocol.IsEmpty: false } spoken ? [spoken]
        : null;

    private void Refuse(TlsArrival arrival, string note) => _gate.DropHandshake(arrival.Permit, arrival.ServerName, note);

    private static string Authority(System.Net.IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
