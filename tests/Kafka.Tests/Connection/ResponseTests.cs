using static PolicyProxy.Kafka.Tests.Connection.Conversation;
using static PolicyProxy.Kafka.Tests.Connection.KafkaSchemaText;

namespace PolicyProxy.Kafka.Tests.Connection;

/// <summary>Responses that pass, are edited, or end the connection.</summary>
public sealed class ResponseTests
{
    private const string Seed = "[{role: produce, topic: orders}, {role: consume, topic: notifications}]";
    private const string Id = "0102030405060708090A0B0C0D0E0F10";
    private const string Other = "1112131415161718191A1B1C1D1E1F20";
    private const short Fetch = 1;
    private const short Metadata = 3;
    private const short ApiVersions = 18;
    private const short ShareFetch = 78;

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public void Response_to_nobody_ends_the_connection(int asked)
    {
        using var talk = new Conversation(Seed);
        _ = talk.Client(asked == 0 ? [] : Request(Metadata, 4, "{Topics=null}", asked));

        Assert.Empty(talk.Broker(Response(Metadata, 4, "{}", 1)));
        Assert.True(talk.IsClosed);
    }

    [Fact]
    public void Malformed_response_that_has_to_be_edited_ends_the_connection()
    {
        using var talk = new Conversation(Seed);
        _ = talk.Client(Request(Metadata, 4, "{Topics=null}"));
        var response = Response(Metadata, 4, "{Topics=[{Name=orders}]}");

        Assert.Empty(talk.Broker([0, 0, 0, (byte)(response.Length - 5), .. response[4..^1]]));
        Assert.True(talk.IsClosed);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(12)]
    public void List_of_all_topics_shows_those_that_are_allowed(short version)
    {
        using var talk = new Conversation(Seed);
        var request = Request(Metadata, version, "{Topics=null AllowAutoTopicCreation=1}");

        Assert.Equal(request, talk.Client(request));
        var heard = talk.Broker(Response(Metadata, version, $"{{Brokers=[{{NodeId=1 Host=b Port=9092}}] Topics=[{{Name=audit TopicId={Other}}},{{Name=orders TopicId={Id}}},{{Name=notifications}}]}}"), 11);
        var text = Protocols.Tests.Kafka.KafkaSchemaReader.Response(Metadata, version, heard, 1);
        Assert.DoesNotContain("audit", text, StringComparison.Ordinal);
        Assert.Contains("Name=orders", text, StringComparison.Ordinal);
        Assert.Contains("Name=notifications", text, StringComparison.Ordinal);
        Assert.Contains("Host=b", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Denied_topics_are_shown_as_such_if_wished()
    {
        using var talk = new Conversation(Seed, door: static gate => new(gate) { HidesTopics = false });
        _ = talk.Client(Request(Metadata, 4, "{Topics=null}"));

        Assert.Equal(
            "{Brokers=[] Topics=[{ErrorCode=29 Name=audit Partitions=[]},{ErrorCode=0 Name=orders Partitions=[]}]}",
            Read(Metadata, 4, talk.Broker(Response(Metadata, 4, "{Topics=[{Name=audit},{Name=orders}]}"))));
    }

    [Fact]
    public void Topic_that_is_asked_for_and_denied_is_not_asked_of_the_broker()
    {
        using var talk = new Conversation(Seed);

        Assert.Equal(
            Request(Metadata, 4, "{Topics=[{Name=orders}] AllowAutoTopicCreation=1}"),
            talk.Client(Request(Metadata, 4, "{Topics=[{Name=audit},{Name=orders}] AllowAutoTopicCreation=1}")));
        Assert.Equal(
            "{Brokers=[] Topics=[{ErrorCode=0 Name=orders Partitions=[]},{ErrorCode=29 Name=audit Partitions=[]}]}",
            Read(Metadata, 4, talk.Broker(Response(Metadata, 4, "{Topics=[{Name=orders}]}"))));
    }

    [Fact]
    public void Consumer_does_not_create_the_topics_it_asks_for()
    {
        using var talk = new Conversation(Seed);

        Assert.Equal(
            Request(Metadata, 4, "{Topics=[{Name=notifications}] AllowAutoTopicCreation=0}"),
            talk.Client(Request(Metadata, 4, "{Topics=[{Name=notifications}] AllowAutoTopicCreation=1}")));
    }

    [Fact]
    public void Offered_versions_are_those_that_can_be_judged()
    {
        using var talk = new Conversation(Seed);
        _ = talk.Client(Request(ApiVersions, 3, "{ClientSoftwareName=c ClientSoftwareVersion=1}"));
        var heard = talk.Broker(Response(ApiVersions, 3, "{ApiKeys=[{ApiKey=0 MaxVersion=13},{ApiKey=1 MinVersion=4 MaxVersion=18},{ApiKey=17 MaxVersion=1},{ApiKey=71},{ApiKey=4711}]}"));

        Assert.Contains(
            "ApiKeys=[{ApiKey=0 MinVersion=0 MaxVersion=12},{ApiKey=1 MinVersion=4 MaxVersion=12},{ApiKey=17 MinVersion=1 MaxVersion=1}]",
            Protocols.Tests.Kafka.KafkaSchemaReader.Response(ApiVersions, 3, heard, 1),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_version_of_the_question_for_versions_is_answered_here()
    {
        using var talk = new Conversation(Seed);

        Assert.Empty(talk.Client([0, 0, 0, 13, 0, 18, 0, 99, 0, 0, 0, 9, 0, 0, 0, 1, 1]));
        Assert.Equal([0, 0, 0, 16, 0, 0, 0, 9, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4], talk.Heard());
    }

    [Fact]
    public void Fetch_session_ends_with_the_policy_it_was_opened_under()
    {
        using var talk = new Conversation("[{role: consume, topic: notifications}, {role: consume, topic: audit}]");
        var open = Request(Fetch, 11, "{ReplicaId=-1 SessionEpoch=0 Topics=[{Topic=audit Partitions=[{Partition=0}]}]}");
        var next = Request(Fetch, 11, "{ReplicaId=-1 SessionId=77 SessionEpoch=1}");
        Assert.Equal(open, talk.Client(open));
        var response = Response(Fetch, 11, "{SessionId=77 Responses=[{Topic=audit Partitions=[{PartitionIndex=0 Records=AB}]}]}");
        Assert.Equal(response, talk.Broker(response, 3));
        Assert.Equal(next, talk.Client(next));
        _ = talk.Broker(Response(Fetch, 11, "{SessionId=77}"));

        talk.Reload("[{role: consume, topic: notifications}]");

        Assert.Empty(talk.Client(next));
        Assert.Contains("ErrorCode=70", Read(Fetch, 11, talk.Heard()), StringComparison.Ordinal);
        Assert.Empty(talk.Client(Request(Fetch, 11, "{ReplicaId=-1 SessionEpoch=0 Topics=[{Topic=audit Partitions=[{Partition=0}]}]}")));
        Assert.Contains("{PartitionIndex=0 ErrorCode=29", Read(Fetch, 11, talk.Heard()), StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_session_of_somebody_else_is_not_taken_up()
    {
        using var talk = new Conversation(Seed);
        _ = talk.Client(Request(Fetch, 11, "{ReplicaId=-1 SessionEpoch=0 Topics=[{Topic=notifications Partitions=[{Partition=0}]}]}"));
        _ = talk.Broker(Response(Fetch, 11, "{SessionId=77}"));

        Assert.Empty(talk.Client(Request(Fetch, 11, "{ReplicaId=-1 SessionId=78 SessionEpoch=1}")));
        Assert.Contains("ErrorCode=70", Read(Fetch, 11, talk.Heard()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(11)]
    [InlineData(12)]
    public void Fetch_of_which_a_part_is_denied_streams_the_rest_behind_the_errors(short version)
    {
        using var talk = new Conversation(Seed, bufferBytes: 512);
        var sent = talk.Client(
            Request(Fetch, version, "{ReplicaId=-1 SessionEpoch=-1 Topics=[{Topic=audit Partitions=[{Partition=4}]},{Topic=notifications Partitions=[{Partition=0}]}]}"));
        Assert.Equal(Request(Fetch, version, "{ReplicaId=-1 SessionEpoch=-1 Topics=[{Topic=notifications Partitions=[{Partition=0}]}]}"), sent);

        var records = new string('C', 20_000);
        var heard = talk.Broker(Response(Fetch, version, $"{{Responses=[{{Topic=notifications Partitions=[{{PartitionIndex=0 Records={records}}}]}}]}}"), 100);
        var text = Protocols.Tests.Kafka.KafkaSchemaReader.Response(Fetch, version, heard, 1);
        Assert.Contains($"Records={records}", text, StringComparison.Ordinal);
        Assert.Contains("Topic=audit Partitions=[{PartitionIndex=4 ErrorCode=29", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_of_a_topic_id_is_asked_for_once_and_judged()
    {
        using var talk = new Conversation(Seed, door: static gate => new(gate) { PrefersNames = false });
        var fetch = Request(Fetch, 13, $"{{ReplicaId=-1 SessionEpoch=-1 Topics=[{{TopicId={Id} Partitions=[{{Partition=0}}]}},{{TopicId={Other} Partitions=[{{Partition=1}}]}}]}}");

        var asked = Assert.Single(Frames(talk.Client(fetch)));
        Assert.Contains($"TopicId={Other.TrimStart('0')}", Protocols.Tests.Kafka.KafkaSchemaReader.Request(asked.AsSpan(4)), StringComparison.Ordinal);
        Assert.Empty(talk.Broker(Response(Metadata, 12, $"{{Topics=[{{Name=notifications TopicId={Id}}},{{Name=audit TopicId={Other}}}]}}")));
        Assert.Equal(Request(Fetch, 13, $"{{ReplicaId=-1 SessionEpoch=-1 Topics=[{{TopicId={Id} Partitions=[{{Partition=0}}]}}]}}"), talk.Asked());
        var text = Read(Fetch, 13, talk.Broker(Response(Fetch, 13, $"{{Responses=[{{TopicId={Id} Partitions=[{{PartitionIndex=0}}]}}]}}")));
        Assert.Contains($"TopicId={Other.TrimStart('0')} Partitions=[{{PartitionIndex=1 ErrorCode=29", text, StringComparison.Ordinal);

        // known from now on
        var again = Request(Fetch, 13, $"{{ReplicaId=-1 SessionEpoch=-1 Topics=[{{TopicId={Id} Partitions=[{{Partition=0}}]}}]}}", 2);
        Assert.Equal(again, talk.Client(again));
    }

    [Fact]
    public void Topic_id_that_nobody_knows_goes_no_further()
    {
        using var talk = new Conversation(Seed, door: static gate => new(gate) { PrefersNames = false });
        _ = talk.Client(Request(Fetch, 13, $"{{ReplicaId=-1 SessionEpoch=-1 Topics=[{{TopicId={Id} Partitions=[{{Partition=0}}]}}]}}"));

        var heard = talk.Broker(Response(Metadata, 12, $"{{Topics=[{{ErrorCode=100 Name=null TopicId={Id}}}]}}"));

        Assert.Empty(talk.Asked());
        Assert.Contains("ErrorCode=100", Read(Fetch, 13, heard), StringComparison.Ordinal);
    }

    [Fact]
    public void Share_session_ends_with_the_policy_and_the_connection_with_it()
    {
        using var talk = new Conversation("[{role: consume}]");
        var open = Request(ShareFetch, 1, "{GroupId=g MemberId=m}");
        Assert.Equal(open, talk.Client(open));
        _ = talk.Broker(Response(ShareFetch, 1, "{}"));
        talk.Reload("[{role: consume, topic: notifications}]");

        Assert.Empty(talk.Client(Request(ShareFetch, 1, "{GroupId=g MemberId=m ShareSessionEpoch=1}")));
        Assert.Contains("ErrorCode=122", Read(ShareFetch, 1, talk.Heard()), StringComparison.Ordinal);
        Assert.True(talk.IsEnding);
    }
}
