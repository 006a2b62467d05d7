using System.Buffers;
using System.Net.Sockets;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>Moves plaintext between a TLS stream and the relay's local socket, and passes on ends for ends and cuts for cuts.</summary>
/// <param name="remote">The TLS stream; owned.</param>
/// <param name="local">This side of the pair; owned.</param>
/// <param name="end">The relay's side.</param>
internal sealed class PlaintextPump(TlsStream remote, Socket local, PlaintextEnd end)
{
    /// <summary>What one TLS record carries at most (RFC 8446 §5.1).</summary>
    private const int BufferBytes = 16_384;

    /// <summary>Bytes that the peer has sent.</summary>
    public long Received { get; private set; }

    /// <summary>True if the peer has ended its side before the relay closed.</summary>
    public bool PeerLeft { get; private set; }

    /// <summary>Runs until both directions have ended or the relay has closed its side; never throws.</summary>
    public async Task RunAsync()
    {
        var inward = GuardAsync(ReceiveAsync);
        var outward = GuardAsync(SendAsync);
        _ = CutWithRelayAsync();

        // What the relay has sent before it closed is still sent; what comes then belongs to nobody.
        if (!await outward.ConfigureAwait(false))
        {
            end.Cut();
            local.Dispose();
        }

        await Task.WhenAny(inward, end.Closed).ConfigureAwait(false);
        if (inward.IsCompleted)
        {
            await end.Closed.ConfigureAwait(false); // the relay may still be reading
        }

        local.Dispose();
        await remote.DisposeAsync().ConfigureAwait(false);
        await inward.ConfigureAwait(false);
    }

    private static async Task<bool> GuardAsync(Func<byte[], Task> move)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await move(buffer).ConfigureAwait(false);
            return true;
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task ReceiveAsync(byte[] buffer)
    {
        try
        {
            int count;
            while ((count = await remote.Tls.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Received += count;
                for (var sent = 0; sent < count;)
                {
                    sent += await local.SendAsync(buffer.AsMemory(sent, count - sent)).ConfigureAwait(false);
                }
            }

            if (remote.Transport.HasEnded)
            {
                end.Cut();
            }
        }
        catch
        {
            end.Cut();
            throw;
        }
        finally
        {
            PeerLeft = !end.Closed.IsCompleted;
            local.Shutdown(SocketShutdown.Send);
        }
    }

    private async Task SendAsync(byte[] buffer)
    {
        int count;
        while ((count = await local.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
        {
            await remote.Tls.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
        }

        if (!end.Closed.IsCompletedSuccessfully || !await end.Closed.ConfigureAwait(false))
        {
            await remote.EndSendingAsync().ConfigureAwait(false);
        }
    }

    private async Task CutWithRelayAsync()
    {
        if (await end.Closed.ConfigureAwait(false))
        {
            remote.Reset();
        }
    }
}
