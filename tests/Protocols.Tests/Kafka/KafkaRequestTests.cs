using System.Text;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaRequestTests
{
    [Fact]
    public void KafkaRequest_encoded_requests_read_as_described()
    {
        var read = 0;
        foreach (var line in KafkaFrames.Lines("kafka-requests.jsonl"))
        {
            var frame = KafkaFrames.Hex(line)[4..];
            Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out var error), error.ToString());
            Assert.Equal(line.GetProperty("apiKey").GetInt16(), request.ApiKey);
            Assert.Equal(line.GetProperty("apiVersion").GetInt16(), request.ApiVersion);
            Assert.Equal(7, request.CorrelationId);
            Assert.Equal(line.GetProperty("clientId").GetString(), Encoding.UTF8.GetString(request.ClientId));
            if (request.ApiKey is 0 or 1 or 2 or 3 or 8 or 9)
            {
                Assert.Equal(line.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()), Names(request));
                Assert.False(request.TopicsUnknown);
                read++;
            }
            else
            {
                Assert.True(request.TopicsUnknown);
                Assert.Empty(Names(request));
            }
        }

        Assert.True(read > 15);
    }

    [Theory]
    [InlineData("0000 0002 00000007 0002 6b63 FFFF 000003E8 00000001 0001 61 00000001 00000000 FFFFFFFF", "a")] // Produce v2, null records
    [InlineData("0000 0003 00000007 FFFF FFFF 0001 000003E8 00000000", "")] // Produce v3, null client id and transactional id
    [InlineData("0000 0009 00000007 FFFF 00 00 0001 000003E8 02 02 61 02 00000000 02 AA 00 00 00", "a")] // Produce v9, compact
    [InlineData("0001 000C 00000007 FFFF 00 FFFFFFFF 000001F4 00000001 00000001 00 00000000 00000000 02 02 61 01 00 02 02 62 01 00 01 00", "a")] // forgotten b
    [InlineData("0003 0004 00000007 FFFF 00000002 0001 61 0001 61 00", "a a")]
    [InlineData("0008 0002 00000007 FFFF 0001 67 00000001 0001 6D FFFFFFFFFFFFFFFF 00000001 0001 61 00000001 00000000 0000000000000001 FFFF", "a")]
    [InlineData("0009 0008 00000007 FFFF 00 03 02 67 02 02 61 02 00000000 00 00 02 68 02 02 62 01 00 00 00 00", "a b")] // two groups
    public void KafkaRequest_topics_are_listed_in_order(string hex, string names)
    {
        var frame = Bytes(hex);
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out var error), error.ToString());
        Assert.Equal(KafkaTopicScope.Listed, request.TopicScope);
        Assert.Equal(Names(request).Count, request.TopicCount);
        Assert.Equal(names, string.Join(' ', Names(request)));
    }

    [Theory]
    [InlineData("0003 0000 00000007 FFFF 00000000", KafkaTopicScope.All)] // v0: the empty list asks for all
    [InlineData("0003 0001 00000007 FFFF 00000000", KafkaTopicScope.Listed)]
    [InlineData("0003 0001 00000007 FFFF FFFFFFFF", KafkaTopicScope.All)]
    [InlineData("0003 000C 00000007 FFFF 00 00 01 00 00", KafkaTopicScope.All)]
    [InlineData("0003 000C 00000007 FFFF 00 01 01 00 00", KafkaTopicScope.Listed)]
    [InlineData("0009 0002 00000007 FFFF 0001 67 FFFFFFFF", KafkaTopicScope.All)]
    [InlineData("0009 0008 00000007 FFFF 00 03 02 67 02 02 61 01 00 00 02 68 00 00 00 00", KafkaTopicScope.All)] // second group: all
    [InlineData("0000 0063 00000007 FFFF DEADBEEF", KafkaTopicScope.Unknown)] // newer than the table
    [InlineData("0016 0000 00000007 FFFF", KafkaTopicScope.Unknown)]
    [InlineData("7FFF 0000 00000007 FFFF", KafkaTopicScope.Unknown)]
    [InlineData("0007 0000 00000007", KafkaTopicScope.Unknown)] // header v0
    public void KafkaRequest_scope_says_how_far_topics_are_known(string hex, KafkaTopicScope scope)
    {
        Assert.True(KafkaRequest.TryParse(Bytes(hex), KafkaLimits.Default, out var request, out var error), error.ToString());
        Assert.Equal(scope, request.TopicScope);
    }

    [Fact]
    public void KafkaRequest_topic_ids_are_given_when_names_are_not()
    {
        const string id = "0102030405060708090A0B0C0D0E0F10";
        var frame = Bytes($"0000 000D 00000007 FFFF 00 00 0001 000003E8 02 {id} 02 00000000 02 AA 00 00 00");
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out _));
        var topics = request.Topics;
        Assert.True(topics.MoveNext());
        Assert.True(topics.Current.Name.IsEmpty);
        Assert.Equal(id, Convert.ToHexString(topics.Current.Id));
        Assert.False(topics.MoveNext());
    }

    [Fact]
    public void KafkaRequest_metadata_gives_id_and_name_of_one_topic_together()
    {
        const string zero = "00000000000000000000000000000000";
        const string id = "0102030405060708090A0B0C0D0E0F10";
        var frame = Bytes($"0003 000C 00000007 FFFF 00 04 {zero} 02 61 00 {id} 00 00 {id} 02 62 00 01 00 00");
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out var error), error.ToString());
        var seen = new List<string>();
        foreach (var topic in request.Topics)
        {
            seen.Add($"{Encoding.UTF8.GetString(topic.Name)}:{topic.Id.Length}");
        }

        Assert.Equal(["a:0", ":16", "b:16"], seen);
    }

    [Theory]
    [InlineData("", ProtocolErrorCode.Truncated)]
    [InlineData("0000 0002 000000", ProtocolErrorCode.Truncated)]
    [InlineData("0000 0002 00000007", ProtocolErrorCode.Truncated)]
    [InlineData("FFFF 0002 00000007 FFFF", ProtocolErrorCode.KafkaVersion)]
    [InlineData("0000 FFFF 00000007 FFFF", ProtocolErrorCode.KafkaVersion)]
    [InlineData("0012 0000 00000007 FFFE", ProtocolErrorCode.KafkaLength)]
    [InlineData("0012 0000 00000007 0002 61", ProtocolErrorCode.KafkaLength)]
    [InlineData("0012 0000 00000007 0401", ProtocolErrorCode.TooLarge)]
    [InlineData("0003 0001 00000007 FFFF 7FFFFFFF 0001 61", ProtocolErrorCode.KafkaLength)]
    [InlineData("0003 0001 00000007 FFFF FFFFFFFE", ProtocolErrorCode.KafkaLength)]
    [InlineData("0003 0000 00000007 FFFF FFFFFFFF", ProtocolErrorCode.KafkaLength)] // null where the version has none
    [InlineData("0003 0001 00000007 FFFF 00000001 FFFF", ProtocolErrorCode.KafkaLength)] // null name
    [InlineData("0003 0001 00000007 FFFF 00000001 0002 61", ProtocolErrorCode.KafkaLength)]
    [InlineData("0003 0001 00000007 FFFF 00000000 00", ProtocolErrorCode.TrailingBytes)]
    [InlineData("0003 0009 00000007 FFFF", ProtocolErrorCode.Truncated)] // no tag buffer
    [InlineData("0003 0009 00000007 FFFF 00 FFFFFFFFFF", ProtocolErrorCode.KafkaVarint)]
    [InlineData("0003 0009 00000007 FFFF 00 FFFFFFFF0F", ProtocolErrorCode.KafkaLength)]
    [InlineData("0003 0009 00000007 FFFF 00 02 00", ProtocolErrorCode.KafkaLength)] // compact null name
    [InlineData("0003 0009 00000007 FFFF FFFFFFFF0F 00", ProtocolErrorCode.Truncated)] // 4 billion tags
    [InlineData("0003 0009 00000007 FFFF 01 00 7F AA", ProtocolErrorCode.KafkaLength)]
    [InlineData("0003 0009 00000007 FFFF 02 01 00 01 00 01 00 00 00 00", ProtocolErrorCode.KafkaTags)]
    [InlineData("0003 0009 00000007 FFFF 02 02 00 01 00 01 00 00 00 00", ProtocolErrorCode.KafkaTags)]
    [InlineData("0000 0002 00000007 FFFF FFFF 000003E8 00000001 0001 61 00000001 00000000 7FFFFFFF", ProtocolErrorCode.KafkaLength)]
    [InlineData("0000 0002 00000007 FFFF FFFF 000003E8 00000001 0001 61 00000001 00000000 FFFFFFFE", ProtocolErrorCode.KafkaLength)]
    [InlineData("0009 0001 00000007 FFFF 0001 67 00000001 0001 61 7FFFFFFF", ProtocolErrorCode.KafkaLength)] // fixed-size array
    public void KafkaRequest_malformed_frame_is_refused(string hex, ProtocolErrorCode code)
    {
        var frame = Bytes(hex);
        Assert.False(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out var error));
        Assert.Equal(code, error.Code);
        Assert.InRange(error.Offset, 0, frame.Length);
        Assert.True(request.TopicsUnknown);
    }

    [Fact]
    public void KafkaRequest_recorded_frame_that_was_cut_short_is_refused()
    {
        Assert.False(KafkaRequest.TryParse(Convert.FromHexString(KafkaFrames.CutShort).AsSpan(4), KafkaLimits.Default, out _, out var error));
        Assert.Equal(new ProtocolError(ProtocolErrorCode.Truncated, 11), error);
    }

    [Fact]
    public void KafkaRequest_frame_above_the_limit_is_refused() =>
        Assert.False(KafkaRequest.TryParse(new byte[33], new KafkaLimits { MaxFrameBytes = 32 }, out _, out _));

    [Fact]
    public void KafkaRequest_absent_client_id_is_told_from_an_empty_one()
    {
        Assert.True(KafkaRequest.TryParse(Bytes("0012 0000 00000007 FFFF"), KafkaLimits.Default, out var absent, out _));
        Assert.True(KafkaRequest.TryParse(Bytes("0012 0000 00000007 0000"), KafkaLimits.Default, out var empty, out _));
        Assert.False(absent.HasClientId);
        Assert.True(empty.HasClientId);
        Assert.True(absent.ClientId.IsEmpty && empty.ClientId.IsEmpty);
    }

    [Fact]
    public void KafkaRequest_body_out_of_scope_is_not_looked_at_unless_asked()
    {
        var frame = Bytes("0013 0000 00000007 FFFF FFFFFFFF");
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out _, out _));
        Assert.False(KafkaRequest.TryParse(frame, new KafkaLimits { Bodies = KafkaBodyScope.EveryKnownRequest }, out _, out _));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static List<string> Names(KafkaRequest request)
    {
        var names = new List<string>();
        foreach (var topic in request.Topics)
        {
            names.Add(Encoding.UTF8.GetString(topic.Name));
        }

        return names;
    }
}
