using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>Answers every query for an address with 192.0.2.1, for 300 seconds, as fast as it can. Counts what it is asked.</summary>
internal sealed class SmallResolver : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
    private long _queries;

    public SmallResolver()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    public long Queries => Interlocked.Read(ref _queries);

    public void Dispose() => _socket.Dispose();

    private void Serve()
    {
        ReadOnlySpan<byte> record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        var message = new byte[512];
        try
        {
            while (true)
            {
                var length = _socket.ReceiveFrom(message, SocketFlags.None, from);
                _ = Interlocked.Increment(ref _queries);
                message[2] |= 0x80; // a response
                message[7] = 1; // with one record
                record.CopyTo(message.AsSpan(length));
                _ = _socket.SendTo(message.AsSpan(0, length + record.Length), SocketFlags.None, from);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }
}
