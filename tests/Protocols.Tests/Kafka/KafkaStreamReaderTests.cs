using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaStreamReaderTests
{
    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void KafkaStreamReader_pieces_give_what_the_whole_frame_gives(int pieceBytes)
    {
        var reader = new KafkaStreamReader(s_everything);
        foreach (var frame in KafkaFrames.Requests.Select(frame => frame[4..]))
        {
            var isRead = KafkaRequest.TryParse(frame, s_everything, out var whole, out var error);
            Feed(reader, frame, pieceBytes);
            Assert.Equal(error.Code, reader.Error.Code);
            Assert.Equal(isRead, reader.TryGetRequest(out var request));
            Assert.Equal(isRead, reader.IsComplete);
            if (isRead)
            {
                Assert.Equal(KafkaNamesTests.Describe(whole), KafkaNamesTests.Describe(request));
                Assert.Equal((whole.ApiKey, whole.ApiVersion, whole.CorrelationId, whole.TopicScope), (request.ApiKey, request.ApiVersion, request.CorrelationId, request.TopicScope));
                Assert.Equal((whole.ReplicaId, whole.Acks, whole.SessionId), (request.ReplicaId, request.Acks, request.SessionId));
            }
        }
    }

    [Fact]
    public void KafkaStreamReader_every_truncation_is_refused_or_more()
    {
        var reader = new KafkaStreamReader(s_everything);
        foreach (var frame in KafkaFrames.KnownRequests.Select(frame => frame[4..]).DistinctBy(frame => (frame[1], frame[3])))
        {
            for (var length = KafkaFrameLength; length < frame.Length; length++)
            {
                Feed(reader, frame.AsSpan(0, length), 3);
                Assert.False(reader.IsComplete);
                Assert.NotEqual(ProtocolErrorCode.None, reader.Error.Code);
            }

            Feed(reader, [.. frame, 0], 3);
            Assert.Equal(ProtocolErrorCode.TrailingBytes, reader.Error.Code);
        }
    }

    [Fact]
    public void KafkaStreamReader_one_topic_is_known_before_its_records()
    {
        var reader = new KafkaStreamReader(s_everything);
        var head = Convert.FromHexString("0000000200000007FFFFFFFF000003E80000000100016100000001000000000" + "6000000");
        reader.Begin(head.Length + 100_663_296);
        for (var read = 0; read < 23; read++)
        {
            Assert.False(reader.HasAllNames);
            Assert.Equal(1, reader.Read(head.AsSpan(read, 1)));
        }

        Assert.True(reader.HasAllNames);
        Assert.True(reader.TryGetRequest(out var request));
        Assert.Equal("Topic:a", KafkaNamesTests.Describe(request));
        Assert.Equal(head.Length - 23, reader.Read(head.AsSpan(23)));
        var block = new byte[1 << 20];
        for (var i = 0; i < 96; i++)
        {
            Assert.False(reader.IsComplete);
            Assert.Equal(block.Length, reader.Read(block));
        }

        Assert.True(reader.IsComplete);
        Assert.Equal(0, reader.Read(block));
    }

    [Fact]
    public void KafkaStreamReader_last_of_many_topics_is_waited_for()
    {
        // two topics with one partition of three bytes each; the name of the second ends in front of its partitions
        var frame = Convert.FromHexString("0000000200000007FFFFFFFF000003E800000002" + "000161000000010000000000000003AAAAAA" + "000162" + "000000010000000000000003BBBBBB");
        var reader = new KafkaStreamReader(s_everything);
        reader.Begin(frame.Length);
        for (var read = 0; read < frame.Length; read++)
        {
            Assert.Equal(read >= 41, reader.HasAllNames);
            Assert.Equal(1, reader.Read(frame.AsSpan(read, 1)));
        }

        Assert.True(reader.TryGetRequest(out var request));
        Assert.Equal("Topic:a Topic:b", KafkaNamesTests.Describe(request));
    }

    [Fact]
    public void KafkaStreamReader_records_that_leave_the_frame_are_refused()
    {
        var frame = Convert.FromHexString("0000000200000007FFFFFFFF000003E8000000010001610000000100000000" + "00000009" + "0102030405060708");
        var reader = new KafkaStreamReader(s_everything);
        Feed(reader, frame, 4);
        Assert.Equal(ProtocolErrorCode.KafkaLength, reader.Error.Code);
        Assert.False(reader.TryGetRequest(out _));
    }

    [Fact]
    public void KafkaStreamReader_outline_is_bounded()
    {
        byte[] frame = [0, 12, 0, 0, 0, 0, 0, 7, 0xFF, 0xFF, 0x10, 0, .. new byte[4_096]];
        var reader = new KafkaStreamReader(s_everything, maxOutlineBytes: 256);
        Feed(reader, frame, 100);
        Assert.Equal(ProtocolErrorCode.TooLarge, reader.Error.Code);
    }

    [Theory]
    [InlineData(7, ProtocolErrorCode.KafkaFrameLength)]
    [InlineData(-1, ProtocolErrorCode.KafkaFrameLength)]
    [InlineData(104_857_601, ProtocolErrorCode.TooLarge)]
    public void KafkaStreamReader_impossible_length_is_refused_at_once(int length, ProtocolErrorCode code)
    {
        var reader = new KafkaStreamReader(s_everything);
        reader.Begin(length);
        Assert.Equal(code, reader.Error.Code);
        Assert.Equal(0, reader.Read(new byte[10]));
        Assert.False(reader.HasAllNames);
    }

    [Fact]
    public void KafkaStreamReader_unknown_request_is_known_behind_its_header()
    {
        var reader = new KafkaStreamReader(s_everything);
        reader.Begin(1_000_000);
        Assert.Equal(10, reader.Read(Convert.FromHexString("7FFF000000000007FFFF")));
        Assert.True(reader.TryGetRequest(out var request));
        Assert.Equal((short.MaxValue, KafkaTopicScope.Unknown), (request.ApiKey, request.TopicScope));
        Assert.Equal(999_990, reader.Read(new byte[1_000_000]));
        Assert.True(reader.IsComplete);
    }

    [Fact]
    public void KafkaStreamReader_reading_allocates_nothing()
    {
        var reader = new KafkaStreamReader(s_everything);
        var frame = KafkaFrames.KnownRequests.First(frame => frame[5] == KafkaApi.Produce)[4..];
        Feed(reader, frame, 16);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Feed(reader, frame, 16);
        var isRead = reader.TryGetRequest(out var request) && request.NameCount > 0;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(isRead);
    }

    private const int KafkaFrameLength = 8;

    private static void Feed(KafkaStreamReader reader, ReadOnlySpan<byte> frame, int pieceBytes)
    {
        reader.Begin(frame.Length);
        while (!frame.IsEmpty && reader.Error.Code == ProtocolErrorCode.None)
        {
            var taken = reader.Read(frame[..Math.Min(pieceBytes, frame.Length)]);
            frame = frame[taken..];
        }
    }
}
