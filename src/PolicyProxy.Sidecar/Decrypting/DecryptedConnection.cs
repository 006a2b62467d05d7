using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>
/// One client's connection, decrypted, and those to its server: the first was made before the client was answered, others are made when that one is
/// used up. Thread-safe.
/// </summary>
internal sealed class DecryptedConnection : IDecrypted
{
    private readonly UpstreamTls? _upstream;
    private readonly TlsOffer _spoken;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idleTimeout;
    private readonly CancellationToken _stop;
    private readonly long _dialed;
    private readonly int _error;
    private TlsStream? _first;
    private volatile string _failure = string.Empty;

    /// <summary>Takes over what is known of the server.</summary>
    /// <param name="server">Who it is.</param>
    /// <param name="client">The end of the client's plaintext.</param>
    /// <param name="upstream">Makes connections to it; null = it is spoken to in the open.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="failure">Why there is none; null if there is.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stop">Ends what is being connected.</param>
    public DecryptedConnection(
        string server, PlaintextEnd client, UpstreamTls? upstream, TlsStream? first, UpstreamTlsException? failure, DecryptionOptions options, TimeProvider time, CancellationToken stop)
    {
        Server = server;
        Client = client;
        _upstream = upstream;
        _first = first;
        _failure = failure?.Message ?? string.Empty;
        _error = failure?.Error ?? 0;
        _time = time;
        _dialed = time.GetTimestamp();
        _idleTimeout = options.UpstreamIdleTimeout;
        _stop = stop;
        var protocol = first?.Tls.NegotiatedApplicationProtocol ?? default;
        _spoken = protocol == SslApplicationProtocol.Http2 ? TlsOffer.Http2 : protocol == SslApplicationProtocol.Http11 ? TlsOffer.Http1 : TlsOffer.None;
    }

    public string Server { get; }

    public PlaintextEnd Client { get; }

    public X509Certificate2? ClientCertificate { get; init; }

    public string Failure => _failure;

    public bool IsServerPlain => _upstream is null;

    public PlaintextEnd? Connect(out int error)
    {
        var first = TakeFirst();
        if (first is null && _error != 0)
        {
            error = _error; // it would fail again, and slowly
            return null;
        }

        if (LocalPair.Create(out error) is not { } pair)
        {
            first?.Reset();
            return null;
        }

        _ = first is null ? DialAsync(pair) : new PlaintextPump(first, pair.Own, pair.Relay).RunAsync();
        return pair.Relay;
    }

    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        if (TakeFirst() is { } first)
        {
            return first.Tls;
        }

        return _error != 0 ? throw new IOException(_failure) : (await _upstream!.DialAsync(_spoken, cancellationToken).ConfigureAwait(false)).Tls;
    }

    /// <summary>The client is gone: a connection that nobody used is not needed any more.</summary>
    public void Forget() => Interlocked.Exchange(ref _first, null)?.Reset();

    // One that has waited for long may be closed by the server in the moment it is used.
    private TlsStream? TakeFirst()
    {
        var first = Interlocked.Exchange(ref _first, null);
        if (first is null || _time.GetElapsedTime(_dialed) < _idleTimeout)
        {
            return first;
        }

        first.Reset();
        return null;
    }

    private async Task DialAsync(LocalPair pair)
    {
        try
        {
            var next = await _upstream!.DialAsync(_spoken, _stop).ConfigureAwait(false);
            await new PlaintextPump(next, pair.Own, pair.Relay).RunAsync().ConfigureAwait(false);
        }
        catch (UpstreamTlsException problem)
        {
            _failure = problem.Message;
            pair.Relay.Cut();
            pair.Own.Dispose();
        }
    }
}
