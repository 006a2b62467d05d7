using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;

namespace PolicyProxy.Benchmarks.Kafka;

/// <summary>How much a client gets through.</summary>
internal static class Throughput
{
    private const int MessageBytes = 100_000;

    /// <summary>Bytes a second that were acknowledged.</summary>
    /// <param name="server">The broker.</param>
    /// <param name="time">How long.</param>
    /// <param name="rate">Bytes a second that are offered.</param>
    public static long Produce(string server, TimeSpan time, double rate)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = server,
            Acks = Acks.Leader,
            BatchSize = 1_000_000,
            LingerMs = 1,
            QueueBufferingMaxKbytes = 65_536,
        };
        using var producer = new ProducerBuilder<Null, byte[]>(config).Build();
        var message = new Message<Null, byte[]> { Value = new byte[MessageBytes] };
        producer.ProduceAsync("load", message).GetAwaiter().GetResult(); // connected
        var acknowledged = 0L;
        var clock = Stopwatch.StartNew();
        for (var offered = 0L; clock.Elapsed < time;)
        {
            if (offered > rate * clock.Elapsed.TotalSeconds)
            {
                producer.Poll(TimeSpan.FromMilliseconds(1));
                continue;
            }

            try
            {
                offered += MessageBytes;
                producer.Produce("load", message, report => acknowledged += report.Error.IsError ? 0 : MessageBytes);
            }
            catch (ProduceException<Null, byte[]> error) when (error.Error.Code == ErrorCode.Local_QueueFull)
            {
                offered -= MessageBytes;
                producer.Poll(TimeSpan.FromMilliseconds(1));
            }
        }

        producer.Flush(TimeSpan.FromSeconds(30));
        return (long)(Interlocked.Read(ref acknowledged) / clock.Elapsed.TotalSeconds);
    }

    /// <summary>Bytes a second that were received: one fetch after the other of what the broker keeps.</summary>
    /// <param name="server">The broker.</param>
    /// <param name="time">How long.</param>
    /// <param name="rate">Bytes a second that are asked for.</param>
    public static long Consume(string server, TimeSpan time, double rate)
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig { BootstrapServers = server, GroupId = "load" }).Build();
        var offset = consumer.QueryWatermarkOffsets(new TopicPartition("load", 0), TimeSpan.FromSeconds(10)).Low.Value;
        var request = Convert.FromHexString(
            "0000003D" + "0001" + "0004" + "00000001" + "0004" + "6C6F6164" // length, Fetch 4, id, client id "load"
            + "FFFFFFFF" + "00000064" + "00000001" + "00400000" + "00" // a client, waits 100 ms, for a byte, at most 4 MiB, uncommitted
            + "00000001" + "0004" + "6C6F6164" + "00000001" + "00000000" + offset.ToString("X16", CultureInfo.InvariantCulture) + "00400000");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPEndPoint.Parse(server));
        var buffer = new byte[1 << 20];
        var (bytes, clock) = (0L, Stopwatch.StartNew());
        while (clock.Elapsed < time)
        {
            if (bytes > rate * clock.Elapsed.TotalSeconds)
            {
                _ = socket.Poll(TimeSpan.FromMilliseconds(1), SelectMode.SelectRead); // nothing was asked for
                continue;
            }

            socket.Send(request);
            for (long length = 0, total = 4; length < total;)
            {
                var received = socket.Receive(buffer);
                total = length == 0 && received >= 4 ? 4 + BinaryPrimitives.ReadInt32BigEndian(buffer) : total;
                length += received > 0 ? received : throw new EndOfStreamException("the broker has ended the connection");
                bytes += received;
            }
        }

        return (long)(bytes / clock.Elapsed.TotalSeconds);
    }
}
