using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.NameResolution;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>Each datagram of a queue arrives whole at its own receiver, whatever the kernel was given to cut up.</summary>
[Collection(nameof(DatagramTests))]
public sealed class DatagramQueueTests : IDisposable
{
    private const int Receivers = 3;
    private const int Capacity = 64;
    private const int Room = 2_048;

    private readonly List<Socket> _receivers = [];
    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public DatagramQueueTests()
    {
        _sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        for (var i = 0; i < Receivers; i++)
        {
            var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4_194_304, ReceiveTimeout = 30_000 };
            receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _receivers.Add(receiver);
        }
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receivers.ForEach(static receiver => receiver.Dispose());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the kernel refuses to cut: without checksums it cannot
    public void Every_datagram_arrives_at_its_receiver(bool refusesToCut)
    {
        if (refusesToCut)
        {
            RefuseToCut();
        }

        using var queue = new DatagramQueue(Capacity);
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            // Few lengths and few receivers: joined in every way, first, last and between.
            var sent = Enumerable.Range(0, random.Next(1, Capacity + 1))
                .Select(number => (Receiver: random.Next(Receivers), Length: random.Next(4) switch { 0 => 40, 1 => 41, 2 => 1_232, _ => random.Next(5, 1_400) }, Number: number))
                .ToList();
            Send(queue, sent, round);
            for (var receiver = 0; receiver < Receivers; receiver++)
            {
                var expected = sent.Where(datagram => datagram.Receiver == receiver).Select(static datagram => (datagram.Number, datagram.Length)).Order();
                Assert.Equal(expected, Received(receiver, sent.Count(datagram => datagram.Receiver == receiver), round).Order());
            }
        }

        Assert.Equal(0, queue.Lost);
    }

    [Fact]
    public void More_than_a_message_holds_goes_in_several()
    {
        using var queue = new DatagramQueue(200);
        var sent = Enumerable.Range(0, 200).Select(static number => (0, 1_232, number)).ToList();
        Send(queue, sent, round: 0);
        Assert.Equal(sent.Select(static datagram => (datagram.number, 1_232)), Received(0, sent.Count, round: 0).Order());
    }

    [Fact]
    public void Shorter_ones_go_behind_longer_ones()
    {
        using var queue = new DatagramQueue(Capacity);
        var sent = Enumerable.Range(0, 30).Select(static number => (0, 40 + number, number)).ToList();
        Send(queue, sent, round: 0);
        Assert.Equal(sent.Select(static datagram => (datagram.number, 40 + datagram.number)), Received(0, sent.Count, round: 0).Order());
        Assert.Equal(15, queue.Messages); // two in each
    }

    // Datagram: round, number, then its number again and again.
    private unsafe void Send(DatagramQueue queue, List<(int Receiver, int Length, int Number)> datagrams, int round)
    {
        var bytes = (byte*)NativeMemory.Alloc((nuint)(datagrams.Count * Room));
        var next = bytes;
        foreach (var (receiver, length, number) in datagrams)
        {
            var datagram = new Span<byte>(next, length);
            datagram.Fill((byte)number);
            BinaryPrimitives.WriteInt16BigEndian(datagram, (short)round);
            BinaryPrimitives.WriteInt16BigEndian(datagram[2..], (short)number);
            var address = _receivers[receiver].LocalEndPoint!.Serialize();
            queue.Add(next, length, address.Buffer.Span[..address.Size]);
            next += Room;
        }

        queue.Flush((int)_sender.Handle);
        NativeMemory.Free(bytes);
    }

    private List<(int Number, int Length)> Received(int receiver, int count, int round)
    {
        var buffer = new byte[65_535];
        var received = new List<(int, int)>();
        for (var i = 0; i < count; i++)
        {
            var datagram = buffer.AsSpan(0, _receivers[receiver].Receive(buffer));
            Assert.Equal(round, BinaryPrimitives.ReadInt16BigEndian(datagram));
            var number = BinaryPrimitives.ReadInt16BigEndian(datagram[2..]);
            Assert.False(datagram[4..].ContainsAnyExcept((byte)number));
            received.Add((number, datagram.Length));
        }

        Assert.Equal(0, _receivers[receiver].Available);
        return received;
    }

    private void RefuseToCut()
    {
        const int SolSocket = 1;
        const int SoNoCheck = 11;
        _sender.SetRawSocketOption(SolSocket, SoNoCheck, BitConverter.GetBytes(1));
    }
}
