using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.Redirect.Tests.Slots;

/// <summary>The proxy's end of datagram slots: each socket answers whom it stands for and what it got, and notes who sent it.</summary>
internal sealed class SlotServer : IDisposable
{
    private const int Attempts = 100;

    private readonly List<Socket> _sockets = [];

    private SlotServer(int slotBase) => SlotBase = slotBase;

    /// <summary>Tells what a slot stands for; set before the first datagram.</summary>
    public Func<int, IPEndPoint?> PeerOf { get; set; } = static _ => null;

    /// <summary>The senders of datagrams so far.</summary>
    public ConcurrentQueue<IPEndPoint> Senders { get; } = [];

    /// <summary>Port before the one of slot 1.</summary>
    public int SlotBase { get; }

    /// <summary>Binds consecutive ports of both loopback addresses.</summary>
    public static SlotServer Start(int slots)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var server = new SlotServer(((IPEndPoint)probe.LocalEndPoint!).Port);
            try
            {
                server.Bind(slots);
                return server;
            }
            catch (Exception error) when (attempt < Attempts && error is SocketException or ArgumentOutOfRangeException)
            {
                server.Dispose();
            }
        }
    }

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    private void Bind(int slots)
    {
        for (var slot = 1; slot <= slots; slot++)
        {
            foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
            {
                var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                _sockets.Add(socket);
                socket.Bind(new IPEndPoint(address, SlotBase + slot));
                _ = AnswerAsync(socket, slot);
            }
        }
    }

    private async Task AnswerAsync(Socket socket, int slot)
    {
        var anyone = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var buffer = new byte[2000];
        try
        {
            while (true)
            {
                var got = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone);
                Senders.Enqueue((IPEndPoint)got.RemoteEndPoint);
                var text = string.Create(CultureInfo.InvariantCulture, $"for {PeerOf(slot)} {Encoding.ASCII.GetString(buffer, 0, got.ReceivedBytes)}");
                await socket.SendToAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, got.RemoteEndPoint);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }
}
