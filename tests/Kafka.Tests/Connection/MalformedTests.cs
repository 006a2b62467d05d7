using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Tests.Kafka;

namespace PolicyProxy.Kafka.Tests.Connection;

/// <summary>What is no valid request, or could be read in two ways: nothing of it goes on, the connection ends, and a flow says why.</summary>
public sealed class MalformedTests
{
    private const string Seed = "[{role: produce, topic: orders}, {role: consume, topic: orders}]";

    public static TheoryData<string, string> Requests => new()
    {
        { "length below a header", "00000007 0003000400 0000" },
        { "negative length", "FFFFFFFF 0003000400000001FFFF" },
        { "TLS", "16030100 C8010000C40303AABBCCDD" },
        { "HTTP", "47455420 2F20485454502F312E310D0A" },
        { "Redis", "2A310D0A 24340D0A50494E470D0A" },
        { "negative key", "0000000E FFFF 0004 00000001 FFFF 00000000" },
        { "negative version", "0000000E 0003 FFFF 00000001 FFFF 00000000" },
        { "client id of a length below -1", "0000000E 0003 0001 00000001 FFFE 00000000" },
        { "client id longer than the frame", "0000000E 0003 0001 00000001 7FFF 00000000" },
        { "flexible header without tags", "0000000A 0003 0009 00000001 FFFF" },
        { "tags without end", "0000000F 0003 0009 00000001 FFFF FFFFFFFF0F" },
        { "tag longer than the frame", "0000000E 0003 0009 00000001 FFFF 01000501" },
        { "tags twice", "00000012 0003 0009 00000001 FFFF 02000100 00010001" },
        { "number of six bytes", "00000013 0003 0009 00000001 FFFF 00 808080808001 0100" },
        { "array that the frame has no room for", "0000000E 0003 0001 00000001 FFFF 7FFFFFFF" },
        { "negative count", "0000000E 0003 0001 00000001 FFFF FFFFFFFE" },
        { "null where there is none", "0000000E 0003 0000 00000001 FFFF FFFFFFFF" },
        { "bytes behind the request", "00000010 0003 0001 00000001 FFFF FFFFFFFF 0000" },
        { "records longer than the frame", "0000002A 0000 0003 00000001 FFFF FFFF 0001 00000000 00000001 0006 6F7264657273 00000001 00000000 7FFFFFFF" },
        { "first version of the SASL handshake", "00000011 0011 0000 00000001 FFFF 0005 504C41494E" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_that_is_malformed_ends_the_connection(string what, string hex)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        foreach (var piece in new[] { 1, 4, int.MaxValue })
        {
            using var talk = new Conversation(Seed);

            // the head of a Produce passes before its records have come, but never the whole of it
            Assert.InRange(talk.Client(bytes, piece).Length, 0, what.StartsWith("records", StringComparison.Ordinal) ? bytes.Length - 1 : 0);
            Assert.True(talk.IsClosed, what);
            Assert.Empty(talk.Heard());
            Assert.Contains(talk.Gate.Flows(), static flow => flow is { Verdict: FlowVerdict.Dropped, Reason: VerdictReason.ProtocolError, Note.Length: > 0 });
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("orders\0")]
    [InlineData("orders ")]
    [InlineData("ORDERS")]
    [InlineData("оrders")] // the first letter is Cyrillic
    public void Name_that_only_looks_like_an_allowed_one_is_denied(string topic)
    {
        using var talk = new Conversation(Seed);
        var request = new List<byte>(Convert.FromHexString("0000000300000001FFFFFFFF00010000000000000001"));
        var name = System.Text.Encoding.UTF8.GetBytes(topic);
        request.AddRange([0, (byte)name.Length, .. name, .. Convert.FromHexString("0000000100000000FFFFFFFF")]);

        Assert.Empty(talk.Client([0, 0, 0, (byte)request.Count, .. request]));
        Assert.Contains("ErrorCode=29", Conversation.Read(0, 3, talk.Heard()), StringComparison.Ordinal);
    }

    // Whatever a client sends, nothing it may not name reaches the broker.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_request_of_any_key_and_version_carries_a_denied_topic_on(int seed)
    {
        var random = new Random(seed);
        var passed = 0;
        foreach (var schema in KafkaSchema.All.Where(static schema => schema.Kind == "request"))
        {
            for (var version = 0; version <= schema.MaxVersion; version++)
            {
                using var talk = new Conversation(Seed, bufferBytes: 4_096);
                var frame = new KafkaSchemaWriter(schema, version, random).Request();
                var sent = talk.Client([(byte)(frame.Length >> 24), (byte)(frame.Length >> 16), (byte)(frame.Length >> 8), (byte)frame.Length, .. frame], random.Next(1, 600));
                foreach (var request in Conversation.Frames(sent))
                {
                    var text = KafkaSchemaReader.Request(request.AsSpan(4));
                    Assert.DoesNotMatch("(Name|Topic|Names?)=\\[?[^{}]*(payments|b\\.c|über|__consumer_offsets)", text);
                    passed++;
                }
            }
        }

        Assert.True(passed > 100, $"{passed}");
    }
}
