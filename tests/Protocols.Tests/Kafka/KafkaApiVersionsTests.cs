using System.Buffers;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaApiVersionsTests
{
    [Theory]
    [InlineData(0, "00000007 0000 00000001 0000 0000 000D", KafkaTopicReferences.NamesOnly, "00000007 0000 00000001 0000 0000 000C")]
    [InlineData(0, "00000007 0000 00000001 0000 0003 0063", KafkaTopicReferences.NamesAndIds, "00000007 0000 00000001 0000 0003 000D")]
    [InlineData(1, "00000007 0000 00000002 0004 0000 0007 0001 0004 0012 00000000", KafkaTopicReferences.NamesOnly, "00000007 0000 00000001 0001 0004 000C 00000000")]
    [InlineData(3, "00000007 0000 04 0047 0000 0000 00 004E 0000 0002 00 0018 0000 0005 00 00000000 00", KafkaTopicReferences.NamesOnly,
        "00000007 0000 03 004E 0001 0002 00 0018 0000 0003 00 00000000 00")]
    [InlineData(3, "00000007 0000 02 03E7 0000 0001 00 00000000 01 01 08 0000000000000001", KafkaTopicReferences.NamesOnly, "00000007 0000 01 00000000 01 01 08 0000000000000001")]
    [InlineData(0, "00000007 0000 00000001 0011 0000 0000", KafkaTopicReferences.NamesOnly, "00000007 0000 00000000")]
    [InlineData(0, "00000007 0000 00000001 0000 0000 0005 00", KafkaTopicReferences.NamesOnly, "00000007 0000 00000001 0000 0000 0005")]
    [InlineData(3, "00000007 0023 00000001 0012 0000 0003", KafkaTopicReferences.NamesOnly, "00000007 0023 00000001 0012 0000 0003")] // layout of v0
    [InlineData(4, "00000007 0023 01 0012 0000 0002 00 00000000", KafkaTopicReferences.NamesOnly, "00000007 0023 01 0012 0000 0002 00 00000000")] // of no version
    public void KafkaApiVersions_offers_what_can_be_judged(short version, string frame, KafkaTopicReferences references, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(KafkaApiVersions.TryRewrite(version, KafkaErrorResponseTests.Bytes(frame), references, output));
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(output.WrittenSpan[4..]));
        Assert.Equal(output.WrittenCount - 4, output.WrittenSpan[3]);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(0, "00000007")]
    [InlineData(0, "00000007 0000 00000002 0000 0000 000D")]
    [InlineData(3, "00000007 0000 02 0000 0000 000D 00 00000000")]
    [InlineData(9, "00000007 0000 00000001 0000 0000 000D")]
    public void KafkaApiVersions_malformed_is_not_written(short version, string frame)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.False(KafkaApiVersions.TryRewrite(version, KafkaErrorResponseTests.Bytes(frame), KafkaTopicReferences.NamesOnly, output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void KafkaApiVersions_recorded_answers_offer_only_what_is_known()
    {
        var read = 0;
        foreach (var line in KafkaFrames.Lines("kafka-frames.jsonl").Where(line => line.GetProperty("kind").GetString() == "response" && line.GetProperty("apiKey").GetInt16() == 18))
        {
            var version = line.GetProperty("apiVersion").GetInt16();
            var frame = KafkaFrames.Hex(line);
            var output = new ArrayBufferWriter<byte>();
            Assert.True(KafkaApiVersions.TryRewrite(version, frame.AsSpan(4), KafkaTopicReferences.NamesOnly, output));
            if (KafkaFrames.Int16(frame, 8) == 0)
            {
                var text = KafkaSchemaReader.Response(18, version, output.WrittenSpan, correlationId: (KafkaFrames.Int16(frame, 4) << 16) | (ushort)KafkaFrames.Int16(frame, 6));
                Assert.Contains("{ApiKey=18 ", text, StringComparison.Ordinal);
                Assert.DoesNotContain("{ApiKey=4 ", text, StringComparison.Ordinal);
                Assert.DoesNotContain("{ApiKey=71 ", text, StringComparison.Ordinal);
                read++;
            }
        }

        Assert.True(read >= 4);
    }

    [Fact]
    public void KafkaApiVersions_unsupported_version_is_answered_in_the_layout_of_the_first()
    {
        var output = new ArrayBufferWriter<byte>();
        KafkaApiVersions.WriteUnsupported(7, output);
        Assert.Equal("00000010" + "00000007" + "0023" + "00000001" + "001200000004", Convert.ToHexString(output.WrittenSpan));
    }

    [Theory]
    [InlineData(0, 12, true)]
    [InlineData(0, 13, false)]
    [InlineData(1, 13, false)]
    [InlineData(3, 13, true)]
    [InlineData(4, 0, false)]
    [InlineData(17, 0, false)]
    [InlineData(17, 1, true)]
    [InlineData(20, 6, false)]
    [InlineData(24, 4, false)]
    [InlineData(58, 0, false)]
    [InlineData(72, 0, false)]
    [InlineData(78, 0, false)]
    [InlineData(78, 1, true)]
    [InlineData(-1, 0, false)]
    public void KafkaApiVersions_says_what_may_go_on(short apiKey, short apiVersion, bool isOffered) =>
        Assert.Equal(isOffered, KafkaApiVersions.IsOffered(apiKey, apiVersion, KafkaTopicReferences.NamesOnly));
}
