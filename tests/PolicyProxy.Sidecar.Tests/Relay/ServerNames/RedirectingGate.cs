using System.Net;
using System.Net.Sockets;
using PolicyProxy.Sidecar.Tests.Relay.Origins;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>A port at which programs connect that know of no proxy: what they send arrives at the sidecar as redirected on its way to a destination.</summary>
internal sealed class RedirectingGate : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TransparentBench _bench;
    private readonly IPEndPoint _destination;

    public RedirectingGate(TransparentBench bench, IPEndPoint destination)
    {
        _bench = bench;
        _destination = destination;
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task PassAsync(Socket client)
    {
        using (client)
        {
            try
            {
                using var redirected = await _bench.Redirection.ConnectAsync(_bench.Egress, _destination);
                await Task.WhenAll(CopyAsync(client, redirected), CopyAsync(redirected, client));
            }
            catch (SocketException)
            {
                // reset: the client sees its connection end
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16_384];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            from.Close();
            to.Close();
        }
    }
}
