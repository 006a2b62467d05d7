using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

/// <summary>The tables against random messages of every key and version, written by schema.</summary>
public class KafkaSchemaTests
{
    private const int Rounds = 20;

    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    public static IEnumerable<object[]> Requests =>
        KafkaSchema.All.Where(schema => schema.Kind == "request").Select(schema => new object[] { schema.ApiKey, schema.Name });

    [Fact]
    public void KafkaSchema_tables_and_schemas_have_the_same_keys_and_versions()
    {
        var requests = KafkaSchema.All.Where(schema => schema.Kind == "request").Select(schema => (schema.ApiKey, (short)schema.MaxVersion));
        Assert.Equal(requests, KafkaLayoutTable.All);
        Assert.Equal(KafkaLayoutTable.All, KafkaResponseTable.All);
        Assert.All(KafkaSchema.All, schema => Assert.Equal(schema.Name, KafkaApi.NameOf(schema.ApiKey)));
        Assert.Equal(68, KafkaLayoutTable.All.Count());
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void KafkaSchema_requests_are_read_with_the_names_that_were_written(short apiKey, string name)
    {
        foreach (var (version, writer, frame) in Write("request", apiKey))
        {
            Assert.True(KafkaRequest.TryParse(frame, s_everything, out var request, out var error), $"{name} v{version}: {error}");
            if (!HasNamesByType(apiKey))
            {
                Assert.Equal(string.Join(' ', writer.Names), KafkaNamesTests.Describe(request));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void KafkaSchema_requests_cut_or_lengthened_are_refused(short apiKey, string name)
    {
        foreach (var (version, _, frame) in Write("request", apiKey).Where((_, index) => index % Rounds == 0))
        {
            for (var length = 0; length < frame.Length; length++)
            {
                Assert.False(KafkaRequest.TryParse(frame.AsSpan(0, length), s_everything, out _, out _), $"{name} v{version} cut at {length}");
            }

            Assert.False(KafkaRequest.TryParse([.. frame, 0], s_everything, out _, out var error));
            Assert.Equal(ProtocolErrorCode.TrailingBytes, error.Code);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void KafkaSchema_responses_are_walked_to_their_end(short apiKey, string name)
    {
        foreach (var (version, writer, frame) in Write("response", apiKey))
        {
            var layout = KafkaResponseTable.Find(apiKey, (short)version)!;
            var body = frame.AsSpan(4);
            var reader = new SpanReader(body);
            Assert.True(!KafkaResponseTable.HasTaggedHeader(apiKey, layout) || KafkaTags.TrySkip(ref reader, out _));
            var walker = new KafkaBodyWalker(layout, reader.Rest);
            var names = new List<string>();
            while (walker.MoveNext())
            {
                names.Add($"{walker.Current.Kind}:{System.Text.Encoding.UTF8.GetString(walker.Current.Bytes)}{Convert.ToHexString(walker.Current.IdBytes)}");
            }

            Assert.True(walker.Error.Code == ProtocolErrorCode.None, $"{name} v{version}: {walker.Error}");
            if (!HasNamesByType(apiKey) && !HasUnjudgedNames(apiKey))
            {
                Assert.Equal(string.Join(' ', writer.Names), string.Join(' ', names));
            }
        }
    }

    /// <summary>Messages of every version of a key.</summary>
    internal static IEnumerable<(int Version, KafkaSchemaWriter Writer, byte[] Frame)> Write(string kind, short apiKey, int rounds = Rounds)
    {
        var schema = KafkaSchema.All.Single(schema => schema.Kind == kind && schema.ApiKey == apiKey);
        for (var version = 0; version <= schema.MaxVersion; version++)
        {
            for (var round = 0; round < rounds; round++)
            {
                var writer = new KafkaSchemaWriter(schema, version, new Random((apiKey * 10_000) + (version * 100) + round));
                yield return (version, writer, kind == "request" ? writer.Request() : writer.Response());
            }
        }
    }

    // a type beside the name says what it names, which the schemas do not tell
    private static bool HasNamesByType(short apiKey) => apiKey is 10 or 32 or 33 or 44;

    // assigned topics of an answer to a group's own member
    private static bool HasUnjudgedNames(short apiKey) => apiKey is 68 or 76 or 88;
}
