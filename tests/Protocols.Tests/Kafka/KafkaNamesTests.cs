using System.Text;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaNamesTests
{
    private const string Id = "0102030405060708090A0B0C0D0E0F10";
    private const string Zero = "00000000000000000000000000000000";

    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    [Theory]
    [InlineData("0000 0003 00000007 FFFF 0002 7478 FFFF 00000001 00000001 0001 61 00000000", "TransactionalId:tx Topic:a")]
    [InlineData("0000 0003 00000007 FFFF FFFF FFFF 00000001 00000001 0001 61 00000000", "Topic:a")]
    [InlineData($"0000 000D 00000007 FFFF 00 00 0001 000003E8 02 {Id} 01 00 00", $"TopicId:{Id}")]
    [InlineData($"0001 000D 00000007 FFFF 00 FFFFFFFF 00000001 00000001 00000001 00 00000000 00000000 02 {Zero} 01 00 01 01 00", "TopicId:")]
    [InlineData($"0003 000C 00000007 FFFF 00 03 {Zero} 02 61 00 {Id} 00 00 01 00 00", $"Topic:a TopicId:{Id}")]
    [InlineData("0008 0000 00000007 FFFF 0001 67 00000001 0001 61 00000000", "Group:g Topic:a")]
    [InlineData("0009 0008 00000007 FFFF 00 03 02 67 02 02 61 02 00000000 00 00 02 68 02 02 62 01 00 00 00 00", "Group:g Topic:a Group:h Topic:b")]
    [InlineData("000A 0000 00000007 FFFF 0001 67", "Group:g")]
    [InlineData("000A 0001 00000007 FFFF 0001 67 00", "Group:g")]
    [InlineData("000A 0001 00000007 FFFF 0001 67 01", "TransactionalId:g")]
    [InlineData("000A 0001 00000007 FFFF 0001 67 07", "None:g")]
    [InlineData("000A 0004 00000007 FFFF 00 01 03 02 67 02 68 00", "TransactionalId:g TransactionalId:h")]
    [InlineData("000A 0006 00000007 FFFF 00 02 02 02 67 00", "ShareKey:g")]
    [InlineData("000C 0000 00000007 FFFF 0001 67 00000001 0001 6D", "Group:g")]
    [InlineData("0014 0000 00000007 FFFF 00000002 0001 61 0001 62 00000001", "Topic:a Topic:b")]
    [InlineData($"0014 0006 00000007 FFFF 00 03 02 61 {Zero} 00 00 {Id} 00 00000001 00", $"Topic:a TopicId:{Id}")]
    [InlineData("0016 0000 00000007 FFFF FFFF 00000001", "")]
    [InlineData("0016 0000 00000007 FFFF 0001 78 00000001", "TransactionalId:x")]
    [InlineData("0018 0000 00000007 FFFF 0001 78 0000000000000001 0001 00000001 0001 61 00000001 00000000", "TransactionalId:x Topic:a")]
    [InlineData("0019 0000 00000007 FFFF 0001 78 0000000000000001 0001 0001 67", "TransactionalId:x Group:g")]
    [InlineData("0020 0000 00000007 FFFF 00000003 02 0001 61 FFFFFFFF 20 0001 67 FFFFFFFF 04 0001 31 FFFFFFFF", "Topic:a/2 Group:g/32 Resource:1/4")]
    [InlineData("0044 0001 00000007 FFFF 00 02 67 02 6D 00000000 00 00 00000001 02 02 61 03 622E 00 00 00", "Group:g Topic:a TopicPattern:b.")]
    [InlineData("0044 0001 00000007 FFFF 00 02 67 02 6D 00000000 00 00 00000001 00 01 00 00 00", "Group:g")] // unchanged, empty pattern
    [InlineData($"004E 0002 00000007 FFFF 00 00 00 00000000 00000001 00000001 00000001 00000001 00000001 00 00 02 {Id} 01 00 01 00", $"TopicId:{Id}")]
    [InlineData("005A 0000 00000007 FFFF 00 02 02 67 02 02 61 01 00 00 00", "Group:g Topic:a")]
    public void KafkaRequest_names_are_listed_in_wire_order(string hex, string names)
    {
        var frame = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out var error), error.ToString());
        Assert.Equal(names, Describe(request));
    }

    [Fact]
    public void KafkaRequest_streams_topology_names_every_topic_it_uses()
    {
        var frame = Convert.FromHexString(
            "0058000000000007FFFF00" + "0267" + "026D" + "00000000" + "00000000" + "0000" + "00000001" + "01" + "00000000" + "02" + "0273" + "020261" + "020362" + "2E"
            + "02026300000000000001" + "00" + "020264" + "0202650000000000000100" + "01" + "00" + "00" + "000000" + "00" + "FF" + "000000" + "00" + "00");
        Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out var error), error.ToString());
        Assert.Equal("Group:g Topic:a TopicPattern:b. Topic:c Topic:d Topic:e", Describe(request));
    }

    [Theory]
    [InlineData($"0003 000C 00000007 FFFF 00 02 {Id} 02 61 00 01 00 00")]
    [InlineData($"0014 0006 00000007 FFFF 00 02 02 61 {Id} 00 00000001 00")]
    public void KafkaRequest_topic_given_by_name_and_id_is_refused_where_every_request_is_walked(string hex)
    {
        var frame = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out _, out _));
        Assert.False(KafkaRequest.TryParse(frame, s_everything, out _, out var error));
        Assert.Equal(ProtocolErrorCode.KafkaTopicReference, error.Code);
    }

    [Fact]
    public void KafkaRequest_numbers_of_a_fetch_are_kept()
    {
        var frame = Convert.FromHexString("0001000700000007FFFF0000000200000309000000010000000100" + "0000002A" + "00000005" + "00000000" + "00000000");
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out var error), error.ToString());
        Assert.Equal((2, 777, 42, 5), (request.ReplicaId, request.MaxWait, request.SessionId, request.SessionEpoch));
    }

    [Theory]
    [InlineData("00", -1)]
    [InlineData("01 01 0D 00000003 0000000000000001 00", 3)]
    [InlineData("02 00 02 02 61 01 0D 00000000 0000000000000001 00", 0)]
    public void KafkaRequest_replica_state_of_a_fetch_is_found_among_its_tags(string tags, int replicaId)
    {
        var frame = Convert.FromHexString(("0001 000F 00000007 FFFF 00 00000309 00000001 00000001 00 0000002A 00000005 01 01 01" + tags).Replace(" ", "", StringComparison.Ordinal));
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out var error), error.ToString());
        Assert.Equal(replicaId, request.ReplicaId);
    }

    [Fact]
    public void KafkaRequest_replica_state_that_is_cut_is_refused()
    {
        var frame = Convert.FromHexString("0001000F00000007FFFF00000003090000000100000001000000002A00000005010101" + "01010100");
        Assert.False(KafkaRequest.TryParse(frame, KafkaLimits.Default, out _, out var error));
        Assert.Equal(ProtocolErrorCode.KafkaLength, error.Code);
    }

    [Theory]
    [InlineData("0003 0004 00000007 FFFF FFFFFFFF 00", false)]
    [InlineData("0003 0004 00000007 FFFF FFFFFFFF 01", true)]
    [InlineData("0003 0001 00000007 FFFF FFFFFFFF", true)]
    public void KafkaRequest_metadata_says_whether_it_creates_topics(string hex, bool creates)
    {
        Assert.True(KafkaRequest.TryParse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), KafkaLimits.Default, out var request, out _));
        Assert.Equal(creates, request.AllowAutoTopicCreation);
    }

    [Theory]
    [InlineData("0000", 0)]
    [InlineData("FFFF", -1)]
    public void KafkaRequest_produce_says_how_many_acknowledgements_it_wants(string acks, int expected)
    {
        Assert.True(KafkaRequest.TryParse(Convert.FromHexString("0000000200000007FFFF" + acks + "0000000100000000"), KafkaLimits.Default, out var request, out _));
        Assert.Equal(expected, request.Acks);
    }

    [Fact]
    public void KafkaRequest_empty_page_of_topics_asks_for_all()
    {
        Assert.True(KafkaRequest.TryParse(Convert.FromHexString("004B000000000007FFFF00" + "01" + "00000010" + "FF" + "00"), s_everything, out var request, out _));
        Assert.Equal(KafkaTopicScope.All, request.TopicScope);
    }

    internal static string Describe(in KafkaRequest request)
    {
        var names = new List<string>();
        foreach (var name in request.Names)
        {
            Assert.Equal(names.Count, name.Position);
            names.Add($"{name.Kind}:{Encoding.UTF8.GetString(name.Bytes)}{Convert.ToHexString(name.IdBytes)}{(name.ResourceType == 0 ? "" : $"/{name.ResourceType}")}");
        }

        Assert.Equal(names.Count, request.NameCount);
        return string.Join(' ', names);
    }
}
