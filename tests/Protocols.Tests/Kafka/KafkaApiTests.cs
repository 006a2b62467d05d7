using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaApiTests
{
    // semantics 7.1: the names the policy language accepts
    [Theory]
    [InlineData("produce", 0)]
    [InlineData("FETCH", 1)]
    [InlineData("offsets", 2)]
    [InlineData("listoffsets", 2)]
    [InlineData("metadata", 3)]
    [InlineData("controlledshutdown", 7)]
    [InlineData("offsetcommit", 8)]
    [InlineData("findcoordinator", 10)]
    [InlineData("saslhandshake", 17)]
    [InlineData("apiversions", 18)]
    [InlineData("createtopics", 19)]
    [InlineData("initproducerid", 22)]
    [InlineData("addpartitionstotxn", 24)]
    [InlineData("txnoffsetcommit", 28)]
    [InlineData("alterconfigs", 33)]
    [InlineData("SaslAuthenticate", 36)]
    [InlineData("ConsumerGroupHeartbeat", 68)]
    [InlineData("ShareFetch", 78)]
    [InlineData("DeleteShareGroupOffsets", 92)]
    public void KafkaApi_name_gives_its_key(string name, short key)
    {
        Assert.True(KafkaApi.TryParse(name, out var parsed));
        Assert.Equal(key, parsed);
    }

    [Fact]
    public void KafkaApi_every_key_round_trips_through_its_name()
    {
        Assert.Equal(92, KafkaApi.MaxKey);
        for (short key = 0; key <= KafkaApi.MaxKey; key++)
        {
            Assert.True(KafkaApi.TryParse(KafkaApi.NameOf(key), out var parsed));
            Assert.Equal(key, parsed);
            Assert.True(KafkaApi.TryParse(KafkaApi.PolicyNameOf(key), out parsed));
            Assert.Equal(key, parsed);
        }

        Assert.Equal("offsets", KafkaApi.PolicyNameOf(2));
        Assert.Equal("findcoordinator", KafkaApi.PolicyNameOf(10));
        Assert.Null(KafkaApi.PolicyNameOf(93));
        Assert.Null(KafkaApi.NameOf(-1));
        Assert.Null(KafkaApi.NameOf(93));
        Assert.False(KafkaApi.TryParse("consume", out _));
    }

    [Fact]
    public void KafkaApi_topic_scope_is_that_of_the_policy_language() =>
        Assert.Equal(
            [0, 1, 2, 3, 4, 5, 6, 8, 9, 19, 20, 21, 23, 24, 27, 28, 34, 35, 37],
            Enumerable.Range(-1, 100).Where(key => KafkaApi.IsTopicScoped((short)key)));

    [Fact]
    public void KafkaLayoutTable_every_version_of_every_key_compiles()
    {
        foreach (var (key, maxVersion) in KafkaLayoutTable.All)
        {
            Assert.NotNull(KafkaApi.NameOf(key));
            Assert.Null(KafkaLayoutTable.Find(key, -1));
            Assert.Null(KafkaLayoutTable.Find(key, (short)(maxVersion + 1)));
            for (short version = 0; version <= maxVersion; version++)
            {
                var layout = KafkaLayoutTable.Find(key, version);
                Assert.NotNull(layout);
                Assert.Equal(layout.IsFlexible, layout.Ops.LastOrDefault().Code == KafkaOpCode.Tags);
            }
        }

        Assert.Null(KafkaLayoutTable.Find(-1, 0));
        Assert.Null(KafkaLayoutTable.Find(4, 0));
        Assert.Null(KafkaLayoutTable.Find(short.MaxValue, 0));
    }
}
