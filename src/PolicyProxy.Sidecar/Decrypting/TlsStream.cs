using System.Net.Security;
using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>A connected socket of which some bytes were read already: they come first. Notes the end, which TLS alone does not tell from a cut.</summary>
/// <param name="socket">The socket; owned.</param>
/// <param name="first">What was read from it.</param>
internal sealed class TransportStream(Socket socket, ReadOnlyMemory<byte> first) : NetworkStream(socket, ownsSocket: true)
{
    private ReadOnlyMemory<byte> _first = first;
    private volatile bool _hasEnded;

    /// <summary>True if the socket's end was read: whoever is above was still waiting for bytes.</summary>
    public bool HasEnded => _hasEnded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_first.IsEmpty)
        {
            var taken = Math.Min(_first.Length, buffer.Length);
            _first[..taken].CopyTo(buffer);
            _first = _first[taken..];
            return taken;
        }

        var count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _hasEnded |= count == 0 && buffer.Length > 0;
        return count;
    }
}

/// <summary>TLS over a socket, after the handshake.</summary>
/// <param name="Tls">The plaintext.</param>
/// <param name="Transport">What it comes from.</param>
internal sealed record TlsStream(SslStream Tls, TransportStream Transport) : IAsyncDisposable
{
    /// <summary>Tells the peer by a reset that it has not got everything.</summary>
    public void Reset()
    {
        try
        {
            Transport.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
        }

        Transport.Dispose();
    }

    /// <summary>Tells the peer that it has got everything.</summary>
    public async Task EndSendingAsync()
    {
        await Tls.ShutdownAsync().ConfigureAwait(false);
        Transport.Socket.Shutdown(SocketShutdown.Send);
    }

    public ValueTask DisposeAsync() => Tls.DisposeAsync();
}
