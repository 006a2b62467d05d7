using System.Text;
using static PolicyProxy.Kafka.Tests.Connection.Conversation;
using static PolicyProxy.Kafka.Tests.Connection.KafkaSchemaText;

namespace PolicyProxy.Kafka.Tests.Connection;

/// <summary>Requests that pass, pass in part, or are answered here.</summary>
public sealed class RequestTests
{
    private const string Orders = "[{role: produce, topic: orders}]";
    private const string OrdersAndNotifications = "[{role: produce, topic: orders}, {role: consume, topic: notifications}]";
    private const string OfOrders = "00000000000100066F7264657273FFFFFFFF"; // what members say: version, topics, user data
    private const string OfBoth = "00000000000200066F7264657273000D6E6F74696669636174696F6E73FFFFFFFF";
    private const short Produce = 0;
    private const short OffsetCommit = 8;
    private const short JoinGroup = 11;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Allowed_requests_and_their_responses_pass_byte_for_byte_however_they_are_cut(int piece)
    {
        using var talk = new Conversation(Orders);
        foreach (short version in new[] { 3, 7, 9, 12 })
        {
            var request = Request(Produce, version, "{Acks=1 TopicData=[{Name=orders PartitionData=[{Index=0 Records=00010203}]}]}");
            var response = Response(Produce, version, "{Responses=[{Name=orders PartitionResponses=[{Index=0 BaseOffset=7}]}]}");

            Assert.Equal(request, talk.Client(request, piece));
            Assert.Equal(response, talk.Broker(response, piece));
        }

        Assert.False(talk.IsClosed);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    public void Denied_topic_is_answered_and_nothing_of_it_goes_on(short version)
    {
        using var talk = new Conversation(Orders);

        Assert.Empty(talk.Client(Request(Produce, version, "{Acks=1 TopicData=[{Name=audit PartitionData=[{Index=3 Records=00010203},{Index=5}]}]}")));
        Assert.Equal(
            "{Responses=[{Name=audit PartitionResponses=[{Index=3 ErrorCode=29},{Index=5 ErrorCode=29}]}]}",
            Plain(Read(Produce, version, talk.Heard())));
        Assert.Equal(["Dropped produce audit 29"], talk.Flows());
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(12, 5)]
    public void Request_goes_on_without_its_denied_topics_and_the_answer_is_whole(short version, int piece)
    {
        using var talk = new Conversation(Orders);
        var sent = talk.Client(
            Request(Produce, version, "{Acks=1 TopicData=[{Name=audit PartitionData=[{Index=1 Records=AA}]},{Name=orders PartitionData=[{Index=0 Records=BB}]}]}"), piece);

        Assert.Equal(Request(Produce, version, "{Acks=1 TopicData=[{Name=orders PartitionData=[{Index=0 Records=BB}]}]}"), sent);
        var heard = talk.Broker(Response(Produce, version, "{Responses=[{Name=orders PartitionResponses=[{Index=0 BaseOffset=7}]}]}"), piece);
        Assert.Equal(
            "{Responses=[{Name=orders PartitionResponses=[{Index=0 ErrorCode=0}]},{Name=audit PartitionResponses=[{Index=1 ErrorCode=29}]}]}",
            Plain(Read(Produce, version, heard)));
        Assert.Equal(["Dropped produce audit 29", "Forwarded produce orders 0"], talk.Flows().Order());
    }

    [Fact]
    public void Long_records_of_one_topic_pass_while_they_come()
    {
        using var talk = new Conversation(Orders, bufferBytes: 256, door: static gate => new(gate) { MaxKeptBytes = 1 });
        var request = Request(Produce, 7, $"{{Acks=1 TopicData=[{{Name=orders PartitionData=[{{Index=0 Records={Hex(50_000)}}}]}}]}}");

        var first = talk.Client(request[..1_000], 100);
        Assert.True(first.Length > 800, "held back");
        Assert.Equal(request, first.Concat(talk.Client(request[1_000..], 100)));
    }

    [Fact]
    public void Long_records_of_a_denied_topic_are_thrown_away_and_answered_at_the_end()
    {
        using var talk = new Conversation(Orders, bufferBytes: 256, door: static gate => new(gate) { MaxKeptBytes = 1 });

        Assert.Empty(talk.Client(Request(Produce, 7, $"{{Acks=-1 TopicData=[{{Name=audit PartitionData=[{{Index=4 Records={Hex(50_000)}}}]}}]}}"), 100));
        Assert.Equal("{Responses=[{Name=audit PartitionResponses=[{Index=4 ErrorCode=29}]}]}", Plain(Read(Produce, 7, talk.Heard())));
        Assert.False(talk.IsClosed);
    }

    [Fact]
    public void Long_requests_with_several_topics_are_kept_within_the_bound()
    {
        var request = Request(
            Produce, 7, $"{{Acks=1 TopicData=[{{Name=audit PartitionData=[{{Index=1 Records={Hex(3_000)}}}]}},{{Name=orders PartitionData=[{{Index=0 Records={Hex(3_000)}}}]}}]}}");
        using var talk = new Conversation(Orders, bufferBytes: 256, door: static gate => new(gate) { MaxKeptBytes = 10_000 });
        using var small = new Conversation(Orders, bufferBytes: 256, door: static gate => new(gate) { MaxKeptBytes = 5_000 });

        Assert.Equal(Request(Produce, 7, $"{{Acks=1 TopicData=[{{Name=orders PartitionData=[{{Index=0 Records={Hex(3_000)}}}]}}]}}"), talk.Client(request, 99));
        Assert.Empty(small.Client(request, 99));
        Assert.True(small.IsClosed);
    }

    [Fact]
    public void Answers_keep_the_order_of_the_requests_also_when_ids_repeat()
    {
        using var talk = new Conversation(Orders);
        var allowed = Request(Produce, 3, "{Acks=1 TopicData=[{Name=orders PartitionData=[{Index=0}]}]}");
        var denied = Request(Produce, 3, "{Acks=1 TopicData=[{Name=audit PartitionData=[{Index=0}]}]}");
        var unanswered = Request(Produce, 3, "{TopicData=[{Name=orders PartitionData=[{Index=0}]}]}");
        var response = Response(Produce, 3, "{Responses=[{Name=orders PartitionResponses=[{Index=0 BaseOffset=7}]}]}");

        var sent = talk.Client([.. denied, .. allowed, .. denied, .. unanswered, .. denied, .. allowed, .. allowed, .. denied], 13);
        Assert.Equal([.. allowed, .. unanswered, .. allowed, .. allowed], sent);
        byte[] heard = [.. talk.Heard(), .. talk.Broker([.. response, .. response, .. response], 5)];

        Assert.Equal(
            "audit orders audit audit orders orders audit",
            string.Join(' ', Frames(heard).Select(static frame => Read(Produce, 3, frame).Contains("audit", StringComparison.Ordinal) ? "audit" : "orders")));
    }

    [Fact]
    public void Requests_beyond_the_bound_wait_for_responses()
    {
        using var talk = new Conversation(Orders, door: static gate => new(gate) { MaxPending = 2 });
        var allowed = Request(Produce, 3, "{Acks=1 TopicData=[{Name=orders PartitionData=[{Index=0}]}]}");
        var response = Response(Produce, 3, "{Responses=[{Name=orders PartitionResponses=[{Index=0 BaseOffset=7}]}]}");

        Assert.Equal([.. allowed, .. allowed], talk.Client([.. allowed, .. allowed, .. allowed]));
        Assert.Equal(response, talk.Broker(response));
        Assert.Equal(allowed, talk.Asked());
    }

    [Fact]
    public void Denied_request_that_wants_no_answer_ends_the_connection()
    {
        using var whole = new Conversation(Orders);
        Assert.Empty(whole.Client(Request(Produce, 3, "{TopicData=[{Name=audit PartitionData=[{Index=0}]}]}")));
        Assert.True(whole.IsClosed);

        using var part = new Conversation(Orders);
        var sent = part.Client(Request(Produce, 3, "{TopicData=[{Name=audit PartitionData=[{Index=0}]},{Name=orders PartitionData=[{Index=0}]}]}"));
        Assert.Equal(Request(Produce, 3, "{TopicData=[{Name=orders PartitionData=[{Index=0}]}]}"), sent);
        Assert.True(part.IsEnding);
    }

    [Fact]
    public void Group_requests_are_answered_in_their_own_words()
    {
        using var talk = new Conversation(Orders);

        Assert.Empty(talk.Client([.. Request(JoinGroup, 5, "{GroupId=g MemberId=m ProtocolType=consumer}"), .. Request(OffsetCommit, 7, "{GroupId=g Topics=[{Name=orders Partitions=[{PartitionIndex=2}]}]}", 2)]));
        var answers = Frames(talk.Heard()).ToArray();

        Assert.Contains("ErrorCode=30", Read(JoinGroup, 5, answers[0]), StringComparison.Ordinal);
        Assert.Equal("{Topics=[{Name=orders Partitions=[{PartitionIndex=2 ErrorCode=30}]}]}", Plain(Read(OffsetCommit, 7, answers[1], 2)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 7)]
    [InlineData(2, 1000)]
    [InlineData(5, 2)]
    [InlineData(6, 3)]
    [InlineData(9, 1000)]
    public void Group_joined_for_denied_topics_alone_is_refused_without_asking_the_broker(short version, int piece)
    {
        using var talk = new Conversation(OrdersAndNotifications);

        Assert.Empty(talk.Client(Joining(version, "consumer", OfOrders, OfOrders), piece));
        var answer = Read(JoinGroup, version, talk.Heard());
        Assert.Contains("ErrorCode=29", answer, StringComparison.Ordinal);
        Assert.Equal(["Dropped joingroup orders 29"], talk.Flows());
        Assert.False(talk.IsClosed || talk.IsEnding);

        var allowed = Joining(version, "consumer", OfBoth);
        Assert.Equal(allowed, talk.Client(allowed, piece));
    }

    [Theory]
    [InlineData("consumer", OfBoth)]
    [InlineData("consumer", OfOrders, OfBoth)]
    [InlineData("consumer", "000000000000FFFFFFFF")] // no topics
    [InlineData("consumer", "00000000000100066F7264657273")] // cut
    [InlineData("consumer", OfOrders, "00")]
    [InlineData("consumer")]
    [InlineData("connect", OfOrders)]
    public void Group_joined_for_what_may_be_had_or_is_not_known_passes_byte_for_byte(string type, params string[] metadata)
    {
        using var talk = new Conversation(OrdersAndNotifications);
        foreach (short version in new short[] { 0, 5, 9 })
        {
            var request = Joining(version, type, metadata);

            Assert.Equal(request, talk.Client(request, 3));
            var response = Response(JoinGroup, version, "{GenerationId=1 ProtocolName=range Leader=m MemberId=m}");
            Assert.Equal(response, talk.Broker(response));
        }
    }

    [Theory]
    [InlineData(6, "UpdateMetadata")]
    [InlineData(58, "Envelope")]
    [InlineData(27, "WriteTxnMarkers")]
    [InlineData(16, "ListGroups")]
    [InlineData(31, "DeleteAcls")]
    public void Requests_of_brokers_and_administrators_go_no_further(short key, string name)
    {
        using var talk = new Conversation(Orders);
        byte[] request = [0, 0, 0, 40, (byte)(key >> 8), (byte)key, 0, 0, 0, 0, 0, 1, 0, 0, .. new byte[30]];

        Assert.Empty(talk.Client(request));
        Assert.True(talk.IsClosed || talk.Heard().Length > 0, name);
    }

    // A follower gets what consumers may not see yet.
    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    public void Fetch_that_poses_as_a_brokers_goes_no_further(short version)
    {
        using var talk = new Conversation("[{role: consume, topic: orders}]");

        Assert.Empty(talk.Client(Request(1, version, "{ReplicaId=2 Topics=[{Topic=orders Partitions=[{Partition=0}]}]}")));
        Assert.NotEmpty(talk.Client(Request(1, version, "{ReplicaId=-1 SessionEpoch=-1 Topics=[{Topic=orders Partitions=[{Partition=0}]}]}", 2)));
    }

    private static byte[] Joining(short version, string type, params string[] metadata) =>
        Request(JoinGroup, version, $"{{GroupId=g MemberId=m ProtocolType={type} Protocols=[{string.Join(',', metadata.Select(static (hex, i) => $"{{Name=p{i} Metadata={hex}}}"))}]}}");

    private static string Hex(int bytes) => new StringBuilder().Insert(0, "AB", bytes).ToString();

    // Without what brokers fill in beside errors.
    private static string Plain(string text) => text.Replace(" RecordErrors=[]", string.Empty, StringComparison.Ordinal);
}
