using System.Buffers.Binary;
using System.Text;
using PolicyProxy.Enforcement.Kafka;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Kafka.Tests.Connection;

/// <summary>Records of 100 MB, written and read: they go through a buffer of 64 KiB, and nothing is kept of them.</summary>
public sealed class LargeBatchTests : IDisposable
{
    private const int BufferBytes = 65_536;
    private const int RecordBytes = 100 * 1024 * 1024 - 1024; // under the limit of a frame, with what stands around them
    private const int MaxAllocatedBytes = 256 * 1024;

    private readonly TestGate _gate = new(KafkaPolicy.Of("[{role: produce, topic: orders}, {role: consume, topic: orders}]"));
    private readonly KafkaConnection _connection;
    private readonly byte[] _piece = new byte[BufferBytes];
    private ConnectionPermit _permit;

    public LargeBatchTests()
    {
        _connection = new KafkaConnection(new KafkaDoor(_gate.Gate), BufferBytes);
        Assert.True(_gate.Gate.Connect(_gate.Ingress("app=kafka", "app=client", 9092), out _permit).Allowed);
    }

    [Fact]
    public void Written_batch_passes_piece_by_piece()
    {
        var head = Bytes("0000 0007 00000001 FFFF FFFF 0001 00002710 00000001 0006 6F7264657273 00000001 00000000", RecordBytes);

        Assert.Equal(4 + head.Length + RecordBytes, Pass(head, isRequest: true));
    }

    [Fact]
    public void Written_batch_of_a_denied_topic_is_read_to_its_end_and_answered()
    {
        var head = Bytes("0000 0007 00000001 FFFF FFFF 0001 00002710 00000001 0006 7365637265 74 00000001 00000000", RecordBytes);

        Assert.Equal(0, Pass(head, isRequest: true));
        _connection.GiveAnswers(long.MaxValue);
        Assert.False(_connection.ToClient.IsEmpty);
    }

    [Theory]
    [InlineData("00000001 0006 6F7264657273 00000001 00000000 FFFFFFFF 0000000000000000 0000000000000000 06400000")]
    [InlineData("00000002 0006 736563726574 00000001 00000000 FFFFFFFF 0000000000000000 0000000000000000 06400000"
        + "0006 6F7264657273 00000001 00000000 FFFFFFFF 0000000000000000 0000000000000000 06400000")]
    public void Read_batch_passes_piece_by_piece_also_beside_a_denied_topic(string topics)
    {
        var request = Bytes($"0001 000B 00000001 FFFF FFFFFFFF 00000000 00000001 06400000 00 00000000 FFFFFFFF {topics} 00000000 0000", null);
        var step = _connection.TakeRequest(ref _permit, [.. Length(request.Length), .. request], out _);
        Assert.True(step is KafkaStep.Pass or KafkaStep.Drop);
        _connection.ToUpstream.Release();

        var head = Bytes(
            "00000001 00000000 0000 00000000 00000001 0006 6F7264657273 00000001 00000000 0000 0000000000000000 0000000000000000 0000000000000000 FFFFFFFF FFFFFFFF",
            RecordBytes);

        var passed = Pass(head, isRequest: false);
        Assert.InRange(passed, RecordBytes, 4 + head.Length + RecordBytes + 100);
    }

    public void Dispose()
    {
        _connection.Release();
        _gate.Dispose();
    }

    // Feeds a frame whose end is records; gives how many bytes went on.
    private long Pass(byte[] head, bool isRequest)
    {
        long left = 4 + head.Length + RecordBytes;
        Length(head.Length + RecordBytes).CopyTo(_piece, 0);
        head.CopyTo(_piece, 4);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var passed = 0L;
        var had = 0;
        while (left > 0)
        {
            had = (int)Math.Min(_piece.Length, left);
            var at = 0;
            while (at < had)
            {
                var rest = _piece.AsSpan(at, had - at);
                var step = isRequest ? _connection.TakeRequest(ref _permit, rest, out var count) : _connection.TakeResponse(_permit, rest, out count);
                Assert.True(step is KafkaStep.Pass or KafkaStep.Drop, $"{step} with {left} left");
                passed += step == KafkaStep.Pass ? count : 0;
                passed += Sent(isRequest ? _connection.ToUpstream : _connection.ToClient);
                at += count;
            }

            left -= had;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocatedBytes);
        return passed;
    }

    private static int Sent(KafkaOutput output)
    {
        var length = output.IsEmpty ? 0 : output.Unsent.Length;
        output.Release();
        return length;
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private static byte[] Bytes(string hex, int? recordBytes) =>
        [.. Convert.FromHexString(new StringBuilder(hex).Replace(" ", "").ToString()), .. recordBytes is { } records ? Length(records) : []];
}
