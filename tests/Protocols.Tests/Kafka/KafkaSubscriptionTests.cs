using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public sealed class KafkaSubscriptionTests
{
    private const string Orders = "0000 00000001 0006 6F7264657273 FFFFFFFF";

    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    public static TheoryData<short> Versions => [.. Enumerable.Range(0, 10).Select(static version => (short)version)];

    [Fact]
    public void KafkaSubscription_of_recorded_clients_is_read()
    {
        // kafka-python, kafkajs, kcat, franz-go
        var read = KafkaFrames.KnownRequests.Where(static frame => frame[5] == KafkaApi.JoinGroup).Select(static frame => Read(frame[4..])).ToArray();

        Assert.Equal(8, read.Length);
        Assert.All(read, static topics => Assert.True(topics is "orders" or "orders orders", topics));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void KafkaSubscription_is_read_in_every_version_of_the_request(short version)
    {
        Assert.Equal("orders", Read(JoinGroup(version, "consumer", Orders)));
        Assert.Equal("orders a b", Read(JoinGroup(version, "consumer", Orders, "0003 00000002 0001 61 0001 62 00000002 ABCD 00000000 00000001 FFFF")));
        Assert.Null(Read(JoinGroup(version, "consumer")));
        Assert.Null(Read(JoinGroup(version, "connect", Orders)));
        Assert.Null(Read(JoinGroup(version, "", Orders)));
    }

    [Theory]
    [InlineData("0000 00000001 0001 61 00000000", "a")]
    [InlineData("0000 00000002 0001 61 0001 61 FFFFFFFF", "a a")]
    [InlineData("0000 00000001 0000 00000000", "")] // a topic without a name
    [InlineData("0001 00000001 0001 61 00000000 00000001 0001 62 00000001 00000000", "a")] // owned partitions
    [InlineData("0001 00000001 0001 61 00000000", "a")] // which some clients leave out
    [InlineData("7FFF 00000001 0001 61 00000000 DEADBEEF", "a")] // a later version
    [InlineData("0000 00000000 FFFFFFFF", null)] // no topics
    [InlineData("", null)]
    [InlineData("8000 00000001 0001 61 FFFFFFFF", null)] // version below 0
    [InlineData("0000 FFFFFFFF FFFFFFFF", null)] // null is no list of topics
    [InlineData("0000 7FFFFFFF 0001 61 FFFFFFFF", null)]
    [InlineData("0000 00000002 0001 61 FFFFFFFF", null)]
    [InlineData("0000 00000001 FFFF FFFFFFFF", null)] // nor is it a topic
    [InlineData("0000 00000001 8000 FFFFFFFF", null)]
    [InlineData("0000 00000001 7FFF 61 FFFFFFFF", null)]
    [InlineData("0000 00000001 0001 61", null)] // no user data
    [InlineData("0000 00000001 0001 61 FFFFFFFE", null)]
    [InlineData("0000 00000001 0001 61 00000003 ABCD", null)]
    public void KafkaSubscription_is_what_the_metadata_says(string metadata, string? topics)
    {
        foreach (short version in new short[] { 5, 9 })
        {
            Assert.Equal(topics, Read(JoinGroup(version, "consumer", metadata)));
        }
    }

    [Theory]
    [InlineData("", "0000 00000001 0001 61 FFFFFFFF")]
    [InlineData("0000 00000001 0001 61 FFFFFFFF", "DEADBEEF")]
    public void KafkaSubscription_of_which_one_protocol_cannot_be_read_is_none(string first, string second) =>
        Assert.Null(Read(JoinGroup(5, "consumer", first, second)));

    [Fact]
    public void KafkaSubscription_without_topics_in_one_protocol_is_that_of_the_others() =>
        Assert.Equal("orders", Read(JoinGroup(5, "consumer", "0000 00000000 FFFFFFFF", Orders, "0000 00000000 FFFFFFFF")));

    [Fact]
    public void KafkaSubscription_that_is_cut_anywhere_is_none()
    {
        var metadata = Orders.Replace(" ", "", StringComparison.Ordinal);
        for (var length = 0; length < metadata.Length; length += 2)
        {
            Assert.Null(Read(JoinGroup(5, "consumer", metadata[..length])));
            Assert.Null(Read(JoinGroup(9, "consumer", Orders, metadata[..length])));
        }
    }

    [Fact]
    public void KafkaSubscription_that_is_damaged_anywhere_is_read_within_its_bounds()
    {
        var metadata = Convert.FromHexString("0001000000020006" + Convert.ToHexString("orders"u8) + "00016100000002ABCD00000000");
        var seen = new HashSet<string?>();
        for (var at = 0; at < metadata.Length; at++)
        {
            for (var mask = 1; mask < 256; mask++)
            {
                var damaged = metadata.ToArray();
                damaged[at] ^= (byte)mask;
                seen.Add(Read(JoinGroup(5, "consumer", Convert.ToHexString(damaged))));
            }
        }

        Assert.Contains(null, seen);
        Assert.Contains("orders a", seen); // the user data does not matter
        Assert.True(seen.Count > 500, "names change with their bytes");
    }

    [Fact]
    public void KafkaSubscription_is_only_in_a_whole_request_that_was_walked()
    {
        var frame = JoinGroup(5, "consumer", Orders);
        Assert.True(KafkaRequest.TryParse(frame, KafkaLimits.Default, out var unwalked, out _));
        Assert.False(KafkaSubscription.TryRead(unwalked, out _));

        var reader = new KafkaStreamReader(s_everything);
        reader.Begin(frame.Length);
        Assert.Equal(frame.Length, reader.Read(frame));
        Assert.True(reader.TryGetRequest(out var outline));
        Assert.Equal("Group:g", KafkaNamesTests.Describe(outline));
        Assert.False(KafkaSubscription.TryRead(outline, out _));
    }

    [Theory]
    [MemberData(nameof(KafkaSchemaTests.Requests), MemberType = typeof(KafkaSchemaTests))]
    public void KafkaSubscription_is_in_no_other_request(short apiKey, string name)
    {
        foreach (var (version, _, frame) in KafkaSchemaTests.Write("request", apiKey, rounds: 3))
        {
            Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out _), $"{name} v{version}");
            Assert.False(KafkaSubscription.TryRead(request, out _), $"{name} v{version}");
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void KafkaSubscription_of_a_plain_request_is_its_topic(short version)
    {
        var output = new ArrayBufferWriter<byte>();
        KafkaPlainRequest.Write(KafkaApi.JoinGroup, version, 7, new KafkaPlainNames { Topic = "orders"u8, Group = "g"u8 }, output);
        Assert.Equal("orders", Read(output.WrittenSpan[4..].ToArray()));

        output.ResetWrittenCount();
        KafkaPlainRequest.Write(KafkaApi.JoinGroup, version, 7, new KafkaPlainNames { Group = "g"u8 }, output);
        Assert.Null(Read(output.WrittenSpan[4..].ToArray()));
    }

    // Topics, or null if there is no subscription.
    private static string? Read(byte[] frame)
    {
        Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out var error), $"{error}");
        if (!KafkaSubscription.TryRead(request, out var subscription))
        {
            return null;
        }

        var topics = new List<string>();
        foreach (var topic in subscription)
        {
            Assert.Equal((KafkaNameKind.Topic, -1), (topic.Kind, topic.Position));
            topics.Add(Encoding.UTF8.GetString(topic.Bytes));
        }

        Assert.Equal(subscription.TopicCount, topics.Count);
        return string.Join(' ', topics);
    }

    // The layout by hand, one protocol for each metadata; it shares nothing with the table.
    private static byte[] JoinGroup(short version, string type, params string[] metadata)
    {
        var isFlexible = version >= 6;
        var frame = new List<byte>();
        Number(2, KafkaApi.JoinGroup);
        Number(2, version);
        Number(4, 7);
        Number(2, -1);
        Tags();
        Text("g");
        Number(4, 10_000);
        Number(version >= 1 ? 4 : 0, 60_000);
        Text("member");
        if (version >= 5)
        {
            Text(null);
        }

        Text(type);
        Count(metadata.Length, 4);
        foreach (var hex in metadata)
        {
            var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
            Text("range");
            Count(bytes.Length, 4);
            frame.AddRange(bytes);
            Tags();
        }

        if (version >= 8)
        {
            Text("consumer");
        }

        Tags();
        return [.. frame];

        void Number(int size, int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            frame.AddRange(bytes[(4 - size)..]);
        }

        void Count(int count, int size)
        {
            if (isFlexible)
            {
                frame.Add((byte)(count + 1)); // below 127
            }
            else
            {
                Number(size, count);
            }
        }

        void Text(string? text)
        {
            Count(text?.Length ?? -1, 2);
            frame.AddRange(Encoding.UTF8.GetBytes(text ?? ""));
        }

        void Tags() => frame.AddRange(isFlexible ? [0] : []);
    }
}
