namespace PolicyProxy.Kafka.Tests.Connection;

/// <summary>What librdkafka writes wrongly and brokers forgive goes on as brokers read it.</summary>
public sealed class RepairTests
{
    [Theory]
    [InlineData("000D", "00000000 01 00 00", "00000000")]
    [InlineData("000B", "00000000 00 00 00", "00000000")]
    [InlineData("000A", "00000000 01 00 00 00", "0000000000")]
    [InlineData("0009", "00000000 00 00 00 00", "0000000000")]
    public void Metadata_of_all_topics_with_a_list_of_four_bytes_goes_on_as_brokers_read_it(string version, string body, string expected)
    {
        using var conversation = new Conversation("[{role: produce, topic: orders}]");

        var sent = conversation.Client(Frame($"0003 {version} 00000007 0001 63 00 {body}"));

        Assert.False(conversation.IsClosed);
        Assert.Equal(Convert.ToHexString(Frame($"0003 {version} 00000007 0001 63 00 {expected}")), Convert.ToHexString(sent));
    }

    [Theory]
    [InlineData("000D", "00000000 02 00 00")] // no flag
    [InlineData("000D", "00000000 01 00 01")] // tags
    [InlineData("000D", "00000100 01 00 00")]
    [InlineData("000D", "01000000 01 00 00")] // no topics, and then too much
    [InlineData("000D", "00000000 01 00 00 00")]
    [InlineData("0008", "FFFFFFFF 00 00 00 00 00 00")] // before compact lists
    public void Metadata_with_other_bytes_too_many_is_refused(string version, string body)
    {
        using var conversation = new Conversation("[{role: produce, topic: orders}]");

        var sent = conversation.Client(Frame($"0003 {version} 00000007 0001 63 00 {body}"));

        Assert.True(conversation.IsClosed);
        Assert.Empty(sent);
    }

    private static byte[] Frame(string hex)
    {
        var frame = Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
        return [0, 0, 0, (byte)frame.Length, .. frame];
    }
}
