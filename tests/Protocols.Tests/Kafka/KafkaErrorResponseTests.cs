using System.Buffers;
using System.Text.RegularExpressions;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public partial class KafkaErrorResponseTests
{
    private const string Id = "0102030405060708090A0B0C0D0E0F10";

    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    // byte for byte behind the length: what a broker's authorizer answers, see KafkaErrorResponse for what differs by version
    [Theory]
    [InlineData("0000 0007 00000007 FFFF FFFF 0001 00000001 00000001 0001 61 00000002 00000002 FFFFFFFF 00000005 00000001 AA", "29",
        "00000007 00000001 0001 61 00000002 00000002 001D FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 00000005 001D FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 00000000")]
    [InlineData("0000 0003 00000007 FFFF 0001 78 0001 00000001 00000001 0001 61 00000001 00000002 FFFFFFFF", "53",
        "00000007 00000001 0001 61 00000001 00000002 0035 FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 00000000")]
    [InlineData("0000 000A 00000007 FFFF 00 00 0001 00000001 02 02 61 02 00000002 00 00 00 00", "29",
        "00000007 00 02 02 61 02 00000002 001D FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 01 00 00 00 00000000 00")]
    [InlineData($"0000 000D 00000007 FFFF 00 00 0001 00000001 02 {Id} 02 00000002 00 00 00 00", "29",
        $"00000007 00 02 {Id} 02 00000002 001D FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 01 00 00 00 00000000 00")]
    [InlineData("0001 0004 00000007 FFFF FFFFFFFF 00000001 00000001 00000001 00 00000001 0001 61 00000001 00000002 0000000000000000 00000001", "29",
        "00000007 00000000 00000001 0001 61 00000001 00000002 001D FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF FFFFFFFF 00000000")]
    [InlineData("0008 0002 00000007 FFFF 0001 67 00000001 0001 6D FFFFFFFFFFFFFFFF 00000001 0001 61 00000001 00000002 0000000000000001 FFFF", "30",
        "00000007 00000001 0001 61 00000001 00000002 001E")]
    [InlineData("0009 0001 00000007 FFFF 0001 67 00000001 0001 61 00000001 00000002", "30",
        "00000007 00000001 0001 61 00000001 00000002 FFFFFFFFFFFFFFFF 0000 001E")]
    [InlineData("0009 0002 00000007 FFFF 0001 67 00000001 0001 61 00000001 00000002", "30", "00000007 00000000 001E")]
    [InlineData("000A 0001 00000007 FFFF 0001 67 00", "30", "00000007 00000000 001E FFFF FFFFFFFF 0000 FFFFFFFF")]
    [InlineData("000A 0004 00000007 FFFF 00 00 02 02 67 00", "30", "00000007 00 00000000 02 02 67 FFFFFFFF 01 FFFFFFFF 001E 00 00 00")]
    [InlineData("000B 0009 00000007 FFFF 00 02 67 00000001 00000001 01 00 09 636F6E73756D6572 01 00 00", "30",
        "00000007 00 00000000 001E FFFFFFFF 00 00 01 00 01 01 00")]
    [InlineData("000C 0000 00000007 FFFF 0001 67 00000001 0001 6D", "30", "00000007 001E")]
    [InlineData("000E 0003 00000007 FFFF 0001 67 00000001 0001 6D FFFF 00000000", "30", "00000007 00000000 001E 00000000")]
    [InlineData("0016 0004 00000007 FFFF 00 00 00000001 0000000000000001 0001 00", "", "00000007 00 00000000 001F FFFFFFFFFFFFFFFF FFFF 00")]
    [InlineData("0044 0001 00000007 FFFF 00 02 67 02 6D 00000000 00 00 00000001 02 02 61 00 00 00 00", "0,29",
        "00000007 00 00000000 001D 00 00 00000000 00000000 FF 00")]
    public void KafkaErrorResponse_is_what_the_protocol_says(string request, string errors, string response)
    {
        Assert.True(TryWrite(Bytes(request), Codes(errors), 31, out var written));
        Assert.Equal(response.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(written.AsSpan(4)));
        Assert.Equal(written.Length - 4, (KafkaFrames.Int16(written, 0) << 16) | (ushort)KafkaFrames.Int16(written, 2));
    }

    [Theory]
    [InlineData("0018 0000 00000007 FFFF 0001 78 0000000000000001 0001 00000002 0001 61 00000001 00000000 0001 62 00000001 00000001", "0,29,0",
        "{ThrottleTimeMs=0 ResultsByTopicV3AndBelow=[{Name=a ResultsByPartition=[{PartitionIndex=0 PartitionErrorCode=29}]},"
        + "{Name=b ResultsByPartition=[{PartitionIndex=1 PartitionErrorCode=55}]}]}")]
    [InlineData("0009 0008 00000007 FFFF 00 04 02 67 02 02 61 02 00000000 00 00 02 68 02 02 62 01 00 00 02 69 00 00 00 00", "30,29,0,29",
        "{ThrottleTimeMs=0 Groups=[{GroupId=g Topics=[] ErrorCode=30},{GroupId=h Topics=[{Name=b Partitions=[]}] ErrorCode=0},{GroupId=i Topics=[] ErrorCode=31}]}")]
    [InlineData("0013 0000 00000007 FFFF 00000002 0001 61 00000001 0001 00000000 00000000 0001 62 00000001 0001 00000000 00000000 00000001", "29",
        "{Topics=[{Name=a ErrorCode=29},{Name=b ErrorCode=31}]}")]
    [InlineData($"0014 0006 00000007 FFFF 00 03 02 61 00000000000000000000000000000000 00 00 {Id} 00 00000001 00", "29,29",
        "{ThrottleTimeMs=0 Responses=[{Name=a TopicId= ErrorCode=29 ErrorMessage=null},{Name=null TopicId=102030405060708090A0B0C0D0E0F10 ErrorCode=29 ErrorMessage=null}]}")]
    [InlineData("0020 0000 00000007 FFFF 00000002 02 0001 61 FFFFFFFF 04 0001 31 FFFFFFFF", "29",
        "{ThrottleTimeMs=0 Results=[{ErrorCode=29 ErrorMessage=null ResourceType=2 ResourceName=a Configs=[]},{ErrorCode=31 ErrorMessage=null ResourceType=4 ResourceName=1 Configs=[]}]}")]
    [InlineData("001E 0000 00000007 FFFF 00000002 02 0001 61 0001 62 0001 2A 01 01 02 0001 61 0001 62 0001 2A 01 01", "",
        "{ThrottleTimeMs=0 Results=[{ErrorCode=31 ErrorMessage=null},{ErrorCode=31 ErrorMessage=null}]}")]
    [InlineData("0023 0003 00000007 FFFF 00 02 02 61 02 00000000 00 00", "29", "{ThrottleTimeMs=0 ErrorCode=29 Results=[]}")]
    [InlineData("002F 0000 00000007 FFFF 0001 67 00000001 0001 61 00000001 00000003", "0,29",
        "{ErrorCode=0 ThrottleTimeMs=0 Topics=[{Name=a Partitions=[{PartitionIndex=3 ErrorCode=29}]}]}")]
    [InlineData("002F 0000 00000007 FFFF 0001 67 00000001 0001 61 00000001 00000003", "30,29", "{ErrorCode=30 ThrottleTimeMs=0 Topics=[]}")]
    [InlineData("0010 0000 00000007 FFFF", "", "{ErrorCode=31 Groups=[]}")]
    [InlineData("0041 0000 00000007 FFFF 00 02 02 78 00", "53",
        "{ThrottleTimeMs=0 TransactionStates=[{ErrorCode=53 TransactionalId=x TransactionState= TransactionTimeoutMs=0 TransactionStartTimeMs=-1 ProducerId=-1 ProducerEpoch=-1 Topics=[]}]}")]
    [InlineData($"004F 0001 00000007 FFFF 00 02 67 02 6D 00000001 02 {Id} 02 00000004 01 00 00 00", "30,29",
        "{ThrottleTimeMs=0 ErrorCode=30 ErrorMessage=null Responses=[] NodeEndpoints=[]}")]
    public void KafkaErrorResponse_says_each_error_where_it_belongs(string request, string errors, string response)
    {
        var frame = Bytes(request);
        Assert.True(TryWrite(frame, Codes(errors), 31, out var written));
        Assert.Equal(response, KafkaSchemaReader.Response(KafkaFrames.Int16(frame, 0), KafkaFrames.Int16(frame, 2), written));
    }

    public static IEnumerable<object[]> Requests => KafkaSchemaTests.Requests;

    [Theory]
    [MemberData(nameof(Requests))]
    public void KafkaErrorResponse_of_every_key_and_version_is_read_by_schema(short apiKey, string name)
    {
        foreach (var (version, writer, frame) in KafkaSchemaTests.Write("request", apiKey, rounds: 40))
        {
            var errors = writer.Names.Select(_ => (short)29).ToArray();
            if (!TryWrite(frame, errors, 31, out var written))
            {
                Assert.Contains(apiKey, new short[] { 0, 3, 34, 49, 51 });
                continue;
            }

            var text = KafkaSchemaReader.Response(apiKey, version, written, isShort: true);
            var asked = KafkaSchemaReader.Request(frame, isShort: true);
            Assert.True(ErrorPattern().IsMatch(text) || text.Contains("=[]", StringComparison.Ordinal), $"{name} v{version}: {asked} {text}");
            Assert.DoesNotContain("ErrorCode=0}]", text, StringComparison.Ordinal);
            if (IsAnsweredByPartition(apiKey))
            {
                Assert.Equal(PartitionsOf(asked), PartitionsOf(text));
            }
        }
    }

    [Theory]
    [InlineData("0003 0001 00000007 FFFF FFFFFFFF")] // needs the brokers' addresses
    [InlineData("0000 0002 00000007 FFFF 0000 00000001 00000001 0001 61 00000001 00000002 FFFFFFFF")] // wants no answer
    [InlineData("7FFF 0000 00000007 FFFF")]
    [InlineData("0000 0063 00000007 FFFF")]
    public void KafkaErrorResponse_that_cannot_be_is_not_written(string request)
    {
        Assert.False(TryWrite(Bytes(request), [29], 31, out var written));
        Assert.Empty(written);
    }

    [Fact]
    public void KafkaErrorResponse_without_a_code_is_not_written()
    {
        Assert.False(TryWrite(Bytes("000C 0000 00000007 FFFF 0001 67 00000001 0001 6D"), [30], 0, out var written));
        Assert.Empty(written);
    }

    [Theory]
    [InlineData("0001 0007 00000007 FFFF FFFFFFFF 00000001 00000001 00000001 00 00000007 00000003 00000001 0001 61 00000000 00000000", "00000007 00000000 0046 00000000 00000000")]
    [InlineData($"004E 0001 00000007 FFFF 00 02 67 02 6D 00000003 00000001 00000001 00000001 00000001 00000001 02 {Id} 01 00 01 00", "00000007 00 00000000 007A 00 00000000 01 01 00")]
    public void KafkaErrorResponse_ends_sessions(string request, string response)
    {
        Assert.True(KafkaRequest.TryParse(Bytes(request), s_everything, out var parsed, out _));
        var output = new ArrayBufferWriter<byte>();
        Assert.True(KafkaErrorResponse.TryWriteSessionEnd(parsed, output));
        Assert.Equal(response.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(output.WrittenSpan[4..]));
    }

    [Fact]
    public void KafkaErrorResponse_is_written_from_an_outline_too()
    {
        var reader = new KafkaStreamReader(s_everything);
        foreach (var frame in KafkaFrames.KnownRequests.Select(frame => frame[4..]))
        {
            reader.Begin(frame.Length);
            var half = reader.Read(frame.AsSpan(0, frame.Length / 2));
            reader.Read(frame.AsSpan(half));
            Assert.True(reader.TryGetRequest(out var request));
            var output = new ArrayBufferWriter<byte>();
            Assert.Equal(TryWrite(frame, [29, 29], 31, out var written), KafkaErrorResponse.TryWrite(request, [29, 29], 31, output));
            Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(output.WrittenSpan));
        }
    }

    [Fact]
    public void KafkaErrorResponse_writing_allocates_nothing()
    {
        var frame = KafkaFrames.KnownRequests.First(frame => frame[5] == KafkaApi.Produce)[4..];
        var output = new ArrayBufferWriter<byte>(4_096);
        short[] errors = [29];
        KafkaRequest.TryParse(frame, s_everything, out var request, out _);
        KafkaErrorResponse.TryWrite(request, errors, 31, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isWritten = KafkaErrorResponse.TryWrite(request, errors, 31, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(isWritten);
    }

    internal static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    internal static short[] Codes(string errors) => errors.Length == 0 ? [] : [.. errors.Split(',').Select(short.Parse)];

    private static bool TryWrite(byte[] frame, short[] errors, short otherwise, out byte[] written)
    {
        Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out var error), error.ToString());
        var output = new ArrayBufferWriter<byte>();
        var isWritten = KafkaErrorResponse.TryWrite(request, errors, otherwise, output);
        written = output.WrittenSpan.ToArray();
        return isWritten;
    }

    private static bool IsAnsweredByPartition(short apiKey) => apiKey is 0 or 1 or 2 or 21 or 23;

    private static string PartitionsOf(string text) => string.Join(' ', PartitionPattern().Matches(text).Select(match => match.Groups[1].Value));

    [GeneratedRegex("ErrorCode=(29|31)")]
    private static partial Regex ErrorPattern();

    [GeneratedRegex("(?:Index|Partition)=(-?[0-9]+)")]
    private static partial Regex PartitionPattern();
}
