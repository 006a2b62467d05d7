using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Benchmarks.Kafka;

/// <summary>How long a small Produce takes, one after the other on one connection.</summary>
internal static class Latency
{
    private static readonly byte[] s_request = Convert.FromHexString(
        "00000000" + "0000" + "0007" + "00000001" + "0004" + "6C6F6164" // length, Produce 7, id, client id "load"
        + "FFFF" + "0001" + "00002710" // no transaction, acknowledged by the leader, time
        + "00000001" + "0004" + "6C6F6164" + "00000001" + "00000000" // topic "load", partition 0
        + "00000048" + "0000000000000000" + "0000003C" + "FFFFFFFF" + "02" + "00000000" + "0000" + "00000000"
        + "0000000000000000" + "0000000000000000" + "FFFFFFFFFFFFFFFF" + "FFFF" + "FFFFFFFF" + "00000001"
        + "14" + "00" + "00" + "00" + "01" + "08" + "6C6F6164" + "00"); // a batch of one record

    /// <summary>Median and 99th percentile in microseconds.</summary>
    public static string Measure(IPEndPoint server, int count)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        BinaryPrimitives.WriteInt32BigEndian(s_request, s_request.Length - 4);
        var times = new double[count];
        var response = new byte[256];
        for (var i = -100; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            socket.Send(s_request);
            for (var length = 0; length < 4 || length < 4 + BinaryPrimitives.ReadInt32BigEndian(response);)
            {
                var received = socket.Receive(response.AsSpan(length));
                length += received > 0 ? received : throw new EndOfStreamException("the broker has ended the connection");
            }

            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture, $"{times[count / 2]:F1} {times[count * 99 / 100]:F1}");
    }
}
