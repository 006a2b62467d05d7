using System.Buffers;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaPartialDenialTests
{
    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    public static IEnumerable<object[]> Splittable => KafkaSchemaTests.Requests.Where(request => Possible.Contains((short)request[0]));

    private static IReadOnlyList<short> Possible { get; } = [0, 1, 2, 3, 8, 9, 10, 15, 19, 20, 21, 23, 28, 32, 33, 37, 42, 44, 47, 61, 65, 69, 75, 77, 78, 79, 89, 90, 91, 92];

    [Fact]
    public void KafkaPartialDenial_is_possible_where_elements_stand_for_themselves()
    {
        foreach (var apiKey in KafkaSchemaTests.Requests.Select(request => (short)request[0]))
        {
            foreach (var (version, _, frame) in KafkaSchemaTests.Write("request", apiKey, rounds: 1))
            {
                KafkaRequest.TryParse(frame, s_everything, out var request, out _);
                Assert.Equal(Possible.Contains(apiKey) && (apiKey != 10 || version >= 4), KafkaPartialDenial.IsPossible(request));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Splittable))]
    public void KafkaPartialDenial_rest_of_nothing_denied_is_the_request(short apiKey, string name)
    {
        foreach (var (version, _, frame) in KafkaSchemaTests.Write("request", apiKey))
        {
            if (TryWriteRest(frame, [], out var rest))
            {
                Assert.True(frame.AsSpan().SequenceEqual(rest.AsSpan(4)), $"{name} v{version}");
                Assert.Equal(frame.Length, LengthOf(rest));
            }
            else
            {
                Assert.True(apiKey == 10 && version < 4, $"{name} v{version}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Splittable))]
    public void KafkaPartialDenial_rest_has_the_names_that_are_allowed(short apiKey, string name)
    {
        foreach (var (version, writer, frame) in KafkaSchemaTests.Write("request", apiKey))
        {
            var errors = Errors(frame);
            if (TryWriteRest(frame, errors, out var rest))
            {
                Assert.True(KafkaRequest.TryParse(rest.AsSpan(4), s_everything, out var request, out var error), $"{name} v{version}: {error}");
                var allowed = KafkaNamesTests.Describe(request);
                KafkaRequest.TryParse(frame, s_everything, out var whole, out _);
                Assert.Equal(Allowed(whole, errors), allowed);
            }
        }
    }

    // a broker that answers everything with 3, in the place of one that is not there
    [Theory]
    [MemberData(nameof(Splittable))]
    public void KafkaPartialDenial_both_answers_make_the_answer_to_the_whole(short apiKey, string name)
    {
        var merged = 0;
        foreach (var (version, _, frame) in KafkaSchemaTests.Write("request", apiKey, rounds: 40))
        {
            var errors = Errors(frame);
            KafkaRequest.TryParse(frame, s_everything, out var request, out _);
            if (!TryWriteRest(frame, errors, out var rest) || !Answers(request, errors, out var broker, out var denied, rest, out var whole))
            {
                continue;
            }

            var output = new ArrayBufferWriter<byte>();
            Assert.True(KafkaResponse.WriteMerged(apiKey, (short)version, broker.AsSpan(4), denied, output), $"{name} v{version}");
            Assert.Equal(
                Parts(KafkaSchemaReader.Response(apiKey, version, whole, isShort: true)),
                Parts(KafkaSchemaReader.Response(apiKey, version, output.WrittenSpan, isShort: true)));
            CheckHead(apiKey, (short)version, broker, denied, output.WrittenSpan);
            merged++;
        }

        Assert.True(merged > 5 || (Possible.Count > 0 && apiKey == 3), $"{name}: {merged}");
    }

    [Fact]
    public void KafkaPartialDenial_topics_of_one_group_stay_in_one_group()
    {
        // two groups, the first with topics a and b, of which b is denied; the second with c, which is
        var frame = KafkaErrorResponseTests.Bytes("0009 0008 00000007 FFFF 00 03 0267 03 0261 02 00000000 00 0262 02 00000001 00 00 0268 02 0263 02 00000002 00 00 00 00");
        KafkaRequest.TryParse(frame, s_everything, out var request, out _);
        short[] errors = [0, 0, 29, 0, 29];
        Assert.True(TryWriteRest(frame, errors, out var rest));
        Assert.Equal("{Groups=[{GroupId=g Topics=[{Name=a PartitionIndexes=[0]}]},{GroupId=h Topics=[]}] RequireStable=0}", KafkaSchemaReader.Request(rest.AsSpan(4)));
        Assert.True(Answers(request, errors, out var broker, out var denied, rest, out _));
        var output = new ArrayBufferWriter<byte>();
        Assert.True(KafkaResponse.WriteMerged(9, 8, broker.AsSpan(4), denied, output));
        Assert.Equal(
            "{Groups=[{GroupId=g Topics=[{Name=a Partitions=[{PartitionIndex=0 ErrorCode=3}]},{Name=b Partitions=[{PartitionIndex=1 ErrorCode=29}]}] ErrorCode=0},"
            + "{GroupId=h Topics=[{Name=c Partitions=[{PartitionIndex=2 ErrorCode=29}]}] ErrorCode=0}]}",
            KafkaSchemaReader.Response(9, 8, output.WrittenSpan, isShort: true));
    }

    [Theory]
    [InlineData("0008 0000 00000007 FFFF 0001 67 00000001 0001 61 00000000")] // OffsetCommit of a denied group
    [InlineData("000C 0000 00000007 FFFF 0001 67 00000001 0001 6D")] // Heartbeat
    [InlineData("004B 0000 00000007 FFFF 00 02 0261 00 00000010 FF 00")] // an empty rest asks for all
    public void KafkaPartialDenial_that_cannot_be_is_not_written(string request)
    {
        Assert.False(TryWriteRest(KafkaErrorResponseTests.Bytes(request), [30], out var rest));
        Assert.Empty(rest);
    }

    [Theory]
    [InlineData("0003 0004 00000007 FFFF 00000002 0001 61 0001 62 01", "0003 0004 00000007 FFFF 00000001 0001 62 00")]
    [InlineData("0003 000B 00000007 FFFF 00 03 00000000000000000000000000000000 0261 00 00000000000000000000000000000000 0262 00 01 01 00",
        "0003 000B 00000007 FFFF 00 02 00000000000000000000000000000000 0262 00 00 01 00")]
    public void KafkaPartialDenial_metadata_is_kept_from_creating_topics(string request, string expected)
    {
        KafkaRequest.TryParse(KafkaErrorResponseTests.Bytes(request), s_everything, out var parsed, out _);
        var output = new ArrayBufferWriter<byte>();
        Assert.True(KafkaPartialDenial.TryWriteRest(parsed, [29], output, forbidsTopicCreation: true));
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(output.WrittenSpan[4..]));
        Assert.Equal(1, parsed.Frame[parsed.AutoTopicCreationOffset]);
    }

    [Fact]
    public void KafkaPartialDenial_count_that_takes_fewer_bytes_is_written_shorter()
    {
        // 130 topics, of which 5 stay: the count shrinks from two bytes to one
        byte[] frame = [.. KafkaErrorResponseTests.Bytes("0003 0009 00000007 FFFF 00 8301"), .. Enumerable.Range(0, 130).SelectMany(_ => new byte[] { 2, (byte)'a', 0 }), 0, 0, 0, 0];
        Assert.True(TryWriteRest(frame, [.. Enumerable.Repeat((short)29, 125)], out var rest));
        Assert.Equal("0003000900000007FFFF0006" + string.Concat(Enumerable.Repeat("026100", 5)) + "00000000", Convert.ToHexString(rest.AsSpan(4)));
    }

    [Fact]
    public void KafkaPartialDenial_splitting_allocates_nothing()
    {
        var frame = KafkaErrorResponseTests.Bytes("0009 0008 00000007 FFFF 00 03 0267 03 0261 02 00000000 00 0262 02 00000001 00 00 0268 02 0263 02 00000002 00 00 00 00");
        KafkaRequest.TryParse(frame, s_everything, out var request, out _);
        short[] errors = [0, 0, 29];
        Answers(request, errors, out var broker, out var denied, [0, 0, 0, 0, .. frame], out _);
        var output = new ArrayBufferWriter<byte>(4_096);
        Split(request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isSplit = Split(request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(isSplit);

        bool Split(KafkaRequest split) => KafkaPartialDenial.TryWriteRest(split, errors, output)
            && KafkaPartialDenial.TryWriteErrors(split, errors, output)
            && KafkaResponse.WriteMerged(9, 8, broker.AsSpan(4), denied, output);
    }

    private static void CheckHead(short apiKey, short version, byte[] broker, byte[] denied, ReadOnlySpan<byte> merged)
    {
        var frame = broker.AsSpan(4);
        for (var length = 0; length <= frame.Length; length++)
        {
            var output = new ArrayBufferWriter<byte>();
            var status = KafkaResponseHead.Rewrite(apiKey, version, frame.Length, frame[..length], denied, output, out var consumed);
            if (status != OperationStatus.Done)
            {
                Assert.Equal((0, 0), (consumed, output.WrittenCount));
                Assert.Equal(apiKey is 9 or 90 or 69 or 77 or 89 or 65 ? status : OperationStatus.NeedMoreData, status);
                continue;
            }

            Assert.InRange(consumed, 1, length);
            output.Write(frame[consumed..]);
            Assert.Equal(
                Parts(KafkaSchemaReader.Response(apiKey, version, merged, isShort: true)),
                Parts(KafkaSchemaReader.Response(apiKey, version, output.WrittenSpan, isShort: true)));
            return;
        }

        Assert.Contains(apiKey, new short[] { 9, 90, 69, 77, 89, 65 });
    }

    private static bool Answers(in KafkaRequest request, short[] errors, out byte[] broker, out byte[] denied, byte[] rest, out byte[] whole)
    {
        var outputs = new ArrayBufferWriter<byte>[] { new(), new(), new() };
        Assert.True(KafkaRequest.TryParse(rest.AsSpan(4), s_everything, out var forwarded, out _));
        var isAnswered = KafkaErrorResponse.Write(forwarded, Others(forwarded, []), 0, outputs[0]);
        isAnswered &= KafkaPartialDenial.TryWriteErrors(request, errors, outputs[1]);
        isAnswered &= KafkaErrorResponse.Write(request, Others(request, errors), 0, outputs[2]);
        (broker, denied, whole) = (outputs[0].WrittenSpan.ToArray(), outputs[1].WrittenSpan.ToArray(), outputs[2].WrittenSpan.ToArray());
        return isAnswered;
    }

    // the errors, and 3 for every other element that has no elements with names
    private static short[] Others(KafkaRequest request, short[] errors)
    {
        short[] others = [.. errors, .. new short[request.NameCount - errors.Length]];
        var walker = request.Layout is null ? default : request.Walk(KafkaWalkMode.Names);
        for (var i = 0; i < others.Length && walker.MoveNext(); i++)
        {
            var hasElements = walker.Current.Kind == KafkaNameKind.Group && request.ApiKey is 9 or 90 && !(request is { ApiKey: 9, ApiVersion: < 8 });
            others[i] = others[i] == 0 && walker.Depth > 0 && !hasElements ? (short)3 : others[i];
        }

        return others;
    }

    // every other topic, and now and then a group; nothing outside arrays
    private static short[] Errors(byte[] frame)
    {
        Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out _));
        var errors = new short[request.NameCount];
        var walker = request.NameCount == 0 ? default : request.Walk(KafkaWalkMode.Names);
        for (var i = 0; i < errors.Length && walker.MoveNext(); i++)
        {
            var isDenied = walker.Depth > 0 && (walker.Current.Kind == KafkaNameKind.Group ? frame[^1] + i : i) % (walker.Current.Kind == KafkaNameKind.Group ? 5 : 2) == 0;
            errors[i] = isDenied ? (walker.Current.Kind == KafkaNameKind.Group ? KafkaError.GroupAuthorizationFailed : KafkaError.TopicAuthorizationFailed) : (short)0;
        }

        return errors;
    }

    private static string Allowed(KafkaRequest request, short[] errors)
    {
        var names = new List<string>();
        var walker = request.Layout is null ? default : request.Walk(KafkaWalkMode.Names);
        var deniedDepth = int.MaxValue;
        for (var i = 0; i < errors.Length && walker.MoveNext(); i++)
        {
            var name = walker.Current;
            deniedDepth = walker.Depth <= deniedDepth ? int.MaxValue : deniedDepth;
            deniedDepth = errors[i] != 0 ? Math.Min(deniedDepth, walker.Depth) : deniedDepth;
            if (deniedDepth == int.MaxValue)
            {
                names.Add($"{name.Kind}:{System.Text.Encoding.UTF8.GetString(name.Bytes)}{Convert.ToHexString(name.IdBytes)}{(name.ResourceType == 0 ? "" : $"/{name.ResourceType}")}");
            }
        }

        return string.Join(' ', names);
    }

    private static bool TryWriteRest(byte[] frame, short[] errors, out byte[] rest)
    {
        Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out var error), error.ToString());
        var output = new ArrayBufferWriter<byte>();
        var isWritten = KafkaPartialDenial.TryWriteRest(request, errors, output);
        rest = output.WrittenSpan.ToArray();
        return isWritten;
    }

    private static int LengthOf(byte[] frame) => (KafkaFrames.Int16(frame, 0) << 16) | (ushort)KafkaFrames.Int16(frame, 2);

    // the order of elements is the broker's affair
    private static string Parts(string text) =>
        string.Join('\n', text.Split('{', '}', '[', ']').Select(part => part.Trim(',', ' ')).Where(part => part.Length > 0).Order(StringComparer.Ordinal));
}
