using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.TestKit.Network;

/// <summary>Everything that arrives in a namespace over its devices, whoever sent it: what no program can hide.</summary>
internal sealed class PacketLog : IDisposable
{
    private const int EveryProtocol = 0x0300; // htons(ETH_P_ALL)
    private const int HeaderBytes = 14;

    private readonly Socket _socket;
    private readonly Thread _reader;

    /// <summary>Starts to listen.</summary>
    public PacketLog(NetworkNamespace where)
    {
        _socket = where.Run(static () => new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)EveryProtocol) { ReceiveBufferSize = 4 << 20 });
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>Packets by what they are: <c>tcp 10.1.2.3:80</c>, <c>udp [::1]:53</c>, <c>icmp 10.1.2.3</c>, <c>ethertype 88b5</c>.</summary>
    public ConcurrentDictionary<string, int> Seen { get; } = new();

    /// <summary>Packets to an address, of any protocol.</summary>
    public int CountTo(IPAddress address)
    {
        var text = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return Seen.Where(seen => seen.Key.Contains(" " + text, StringComparison.Ordinal)).Sum(static seen => seen.Value);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _reader.Join();
    }

    private void Read()
    {
        var frame = new byte[65_536];
        try
        {
            while (_socket.Receive(frame) is > 0 and var length)
            {
                Seen.AddOrUpdate(Describe(frame.AsSpan(0, length)), 1, static (_, count) => count + 1);
            }
        }
        catch (SocketException)
        {
            // closed
        }
        catch (ObjectDisposedException)
        {
            // closed
        }
    }

    private static string Describe(ReadOnlySpan<byte> frame)
    {
        var type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        var packet = frame[HeaderBytes..];
        return type switch
        {
            0x0800 when packet.Length >= 20 => Describe(packet[9], new IPAddress(packet.Slice(16, 4)).ToString(), packet[((packet[0] & 15) * 4)..]),
            0x86dd when packet.Length >= 40 => Describe(packet[6], $"[{new IPAddress(packet.Slice(24, 16))}]", packet[40..]),
            _ => string.Create(CultureInfo.InvariantCulture, $"ethertype {type:x4}"),
        };
    }

    private static string Describe(byte protocol, string to, ReadOnlySpan<byte> segment) => protocol switch
    {
        6 when segment.Length >= 4 => string.Create(CultureInfo.InvariantCulture, $"tcp {to}:{BinaryPrimitives.ReadUInt16BigEndian(segment[2..])}"),
        17 when segment.Length >= 4 => string.Create(CultureInfo.InvariantCulture, $"udp {to}:{BinaryPrimitives.ReadUInt16BigEndian(segment[2..])}"),
        1 => $"icmp {to}",
        58 => $"icmpv6 {to}",
        _ => string.Create(CultureInfo.InvariantCulture, $"protocol-{protocol} {to}"),
    };
}
