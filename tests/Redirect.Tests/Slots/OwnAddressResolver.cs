using System.Net;
using System.Net.Sockets;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Slots;

/// <summary>A resolver that answers every query with its own address: whoever asks learns who was asked.</summary>
internal sealed class OwnAddressResolver : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _own;

    public OwnAddressResolver(NetworkNamespace where, IPAddress address)
    {
        _own = address.GetAddressBytes();
        _socket = where.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.Bind(new IPEndPoint(address, 53));
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public void Dispose() => _socket.Dispose();

    private void Serve()
    {
        ReadOnlySpan<byte> record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, .. _own];
        var message = new byte[512];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (true)
            {
                var length = _socket.ReceiveFrom(message, SocketFlags.None, from);
                message[2] |= 0x80; // a response
                message[7] = 1; // with one record
                record.CopyTo(message.AsSpan(length));
                _ = _socket.SendTo(message.AsSpan(0, length + record.Length), SocketFlags.None, from);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }
}
