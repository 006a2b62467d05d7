using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public sealed class KafkaPlainRequestTests
{
    private static readonly KafkaLimits s_limits = KafkaLimits.Default with { Bodies = KafkaBodyScope.EveryKnownRequest };

    public static TheoryData<short, short> Layouts
    {
        get
        {
            var data = new TheoryData<short, short>();
            foreach (var (key, max) in KafkaLayoutTable.All)
            {
                for (short version = 0; version <= max; version++)
                {
                    data.Add(key, version);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void KafkaPlainRequest_of_every_layout_is_read_with_no_other_names_than_asked_for(short key, short version)
    {
        foreach (var (topic, group, transactionalId) in new[] { ("t", "g", "x"), ("", "", ""), ("t", "", ""), ("", "g", ""), ("", "", "x") })
        {
            var frame = Write(key, version, topic, group, transactionalId);

            Assert.True(KafkaRequest.TryParse(frame.AsSpan(4), s_limits, out var request, out var error), $"{error}");
            Assert.Equal((key, version, "c", -1), (request.ApiKey, request.ApiVersion, Encoding.UTF8.GetString(request.ClientId), request.ReplicaId));
            foreach (var name in request.Names)
            {
                Assert.Equal(
                    name.Kind switch
                    {
                        KafkaNameKind.Topic => topic,
                        KafkaNameKind.Group => group,
                        KafkaNameKind.TransactionalId => transactionalId,
                        _ => string.Empty,
                    },
                    Encoding.UTF8.GetString(name.Bytes));
            }
        }
    }

    [Theory]
    [InlineData(KafkaApi.Produce, "Topic:t")]
    [InlineData(KafkaApi.Fetch, "Topic:t")]
    [InlineData(KafkaApi.Metadata, "Topic:t")]
    [InlineData(KafkaApi.OffsetCommit, "Group:g Topic:t")]
    [InlineData(KafkaApi.OffsetFetch, "Group:g Topic:t")]
    [InlineData(KafkaApi.FindCoordinator, "Group:g")]
    [InlineData(11, "Group:g")]
    [InlineData(KafkaApi.CreateTopics, "Topic:t")]
    [InlineData(KafkaApi.DeleteTopics, "Topic:t")]
    [InlineData(32, "Topic:t")] // DescribeConfigs
    public void KafkaPlainRequest_names_what_clients_name(short key, string names)
    {
        for (var version = KafkaApiVersions.MinVersion(key); version <= KafkaApiVersions.MaxVersion(key, KafkaTopicReferences.NamesOnly); version++)
        {
            var frame = Write(key, version, "t", "g", string.Empty);

            Assert.True(KafkaRequest.TryParse(frame.AsSpan(4), s_limits, out var request, out _));
            var read = new List<string>();
            foreach (var name in request.Names)
            {
                read.Add($"{name.Kind}:{Encoding.UTF8.GetString(name.Bytes)}");
            }

            Assert.Equal(names, string.Join(' ', read));
        }
    }

    [Theory]
    [InlineData(KafkaApi.Produce, 2, "00000001 0001 74 00000001 00000000 FFFFFFFF")]
    [InlineData(KafkaApi.OffsetFetch, 1, "00000001 0001 74 00000001 00000000")]
    public void KafkaPlainRequest_is_about_a_partition_of_its_topic(short key, short version, string end)
    {
        Assert.EndsWith(end.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(Write(key, version, "t", "g", "")), StringComparison.Ordinal);
    }

    [Fact]
    public void KafkaPlainRequest_without_a_layout_is_a_header()
    {
        var frame = Write(4711, 3, "t", "g", "x");

        Assert.Equal(frame.Length - 4, BinaryPrimitives.ReadInt32BigEndian(frame));
        Assert.True(KafkaRequest.TryParse(frame.AsSpan(4), s_limits, out var request, out _));
        Assert.True(request.TopicsUnknown);
    }

    private static byte[] Write(short key, short version, string topic, string group, string transactionalId)
    {
        var output = new ArrayBufferWriter<byte>();
        var names = new KafkaPlainNames
        {
            ClientId = "c"u8,
            Topic = Encoding.UTF8.GetBytes(topic),
            Group = Encoding.UTF8.GetBytes(group),
            TransactionalId = Encoding.UTF8.GetBytes(transactionalId),
        };
        KafkaPlainRequest.Write(key, version, 7, names, output);
        return output.WrittenSpan.ToArray();
    }
}
