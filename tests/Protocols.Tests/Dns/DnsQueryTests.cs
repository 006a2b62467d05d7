using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsQueryTests
{
    [Fact]
    public void DnsQuery_question_is_read_in_the_case_it_was_sent()
    {
        byte[] message = DnsBytes.Query(id: 0xBEEF).Question("WwW.eXample.com", 28).Edns("000A0008 0102030405060708", flags: 0x8000);
        Assert.True(DnsQuery.TryParse(message, DnsLimits.Default, Scratch(), out var query, out var error), error.ToString());
        Assert.Equal("WwW.eXample.com", query.Name.ToString());
        Assert.Equal((0xBEEF, 28, 1), (query.Id, query.Type, query.Class));
        Assert.Equal(message[12..33], query.QuestionBytes.ToArray());
        Assert.True(query.Message.HasEdns);
        Assert.True(query.Message.Edns.DnssecOk);
        Assert.Equal(1232, query.Message.Edns.UdpPayloadBytes);
        Assert.True(query.Message.Header.RecursionDesired);
    }

    [Fact]
    public void DnsQuery_root_is_an_empty_name()
    {
        Assert.True(DnsQuery.TryParse(DnsBytes.Ask("", 2), DnsLimits.Default, default, out var query, out _));
        Assert.True(query.Name.IsEmpty);
        Assert.True(query.Message.Question.Name.IsRoot);
    }

    // RFC 1035 §5.1: a name has one form, in which no byte of a label reads as a separator
    [Theory]
    [InlineData("04 612E6262 03 636F6D 00", @"a\.bb.com")]
    [InlineData("01 61 02 6262 03 636F6D 00", "a.bb.com")]
    [InlineData("03 615C2E 00", @"a\\\.")]
    [InlineData("02 615C 00", @"a\\")]
    [InlineData("04 00207FFF 00", @"\000\032\127\255")]
    [InlineData("03 2A405F 01 2A 00", "*@_.*")]
    [InlineData("04 5C303635 00", @"\\065")]
    [InlineData("02 C3A9 00", @"\195\169")]
    [InlineData("01 0A 00", @"\010")]
    public void DnsQuery_byte_that_is_no_plain_character_is_escaped(string name, string expected)
    {
        byte[] message = DnsBytes.Query().Raw(DnsBytes.Hex(name)).UInt16(1).UInt16(1).Count(0);
        Assert.True(DnsQuery.TryParse(message, DnsLimits.Default, Scratch(), out var query, out var error), error.ToString());
        Assert.Equal(expected, query.Name.ToString());
        Assert.Equal(expected, DnsName.TrimFinalDot(query.Name).ToString());
    }

    [Fact]
    public void DnsQuery_longest_name_is_read_and_one_byte_more_is_refused()
    {
        var longest = $"{new string('a', 63)}.{new string('b', 63)}.{new string('c', 63)}.{new string('d', 61)}";
        Assert.True(DnsQuery.TryParse(DnsBytes.Ask(longest), DnsLimits.Default, Scratch(), out var query, out _));
        Assert.Equal(longest, query.Name.ToString());
        Assert.Equal(ProtocolErrorCode.DnsName, Refusal(DnsBytes.Ask(longest + "d")));
        var manyLabels = string.Join('.', Enumerable.Repeat("a", 127));
        Assert.True(DnsQuery.TryParse(DnsBytes.Ask(manyLabels), DnsLimits.Default, Scratch(), out query, out _));
        Assert.Equal(manyLabels, query.Name.ToString());
        Assert.Equal(ProtocolErrorCode.DnsName, Refusal(DnsBytes.Ask(manyLabels + ".a")));
    }

    [Fact]
    public void DnsQuery_name_of_bytes_that_are_all_escaped_fits_the_scratch()
    {
        var name = string.Join('.', Enumerable.Repeat(new string('\x01', 62), 4));
        Assert.True(DnsQuery.TryParse(DnsBytes.Ask(name), DnsLimits.Default, Scratch(), out var query, out _));
        Assert.Equal((4 * 4 * 62) + 3, query.Name.Length);
        Assert.False(DnsQuery.TryParse(DnsBytes.Ask(name), DnsLimits.Default, new char[100], out _, out var error));
        Assert.Equal(ProtocolErrorCode.TooLarge, error.Code);
    }

    [Fact]
    public void DnsQuery_message_that_is_no_plain_query_is_refused()
    {
        byte[] a = [192, 0, 2, 1];
        Assert.Equal(ProtocolErrorCode.DnsDirection, Refusal(DnsBytes.Response().Question("a")));
        Assert.Equal(ProtocolErrorCode.DnsOpcode, Refusal(DnsBytes.Query(flags: 0x2800).Question("a")));
        Assert.Equal(ProtocolErrorCode.DnsQuestionCount, Refusal(DnsBytes.Query()));
        Assert.Equal(ProtocolErrorCode.DnsQuestionCount, Refusal(DnsBytes.Query().Question("a").Question("b")));
        Assert.Equal(ProtocolErrorCode.DnsQueryRecord, Refusal(DnsBytes.Query().Question("a").Answer("a", 1, a)));
        Assert.Equal(ProtocolErrorCode.DnsQueryRecord, Refusal(DnsBytes.Query().Question("a").Authority("a", 1, a)));
        Assert.Equal(ProtocolErrorCode.DnsQueryRecord, Refusal(DnsBytes.Query().Question("a").Additional("a", 1, a)));
        Assert.Equal(ProtocolErrorCode.DnsQueryRecord, Refusal(DnsBytes.Query().Question("a").Additional("k", 250, a).Edns()));
        Assert.Equal(ProtocolErrorCode.DnsEdns, Refusal(DnsBytes.Query().Question("a").Edns().Edns()));
        Assert.Equal(ProtocolErrorCode.DnsEdns, Refusal(DnsBytes.Query().Question("a").Additional("a", 41, [])));
        Assert.Equal(ProtocolErrorCode.DnsEdns, Refusal(DnsBytes.Query().Question("a").Edns("000A 0009 01")));
        Assert.Equal(ProtocolErrorCode.TrailingBytes, Refusal(DnsBytes.Query().Question("a").Raw(0)));
        Assert.Equal(ProtocolErrorCode.DnsLabelType, Refusal(DnsBytes.Query().Raw(0x41, 0, 0).UInt16(1).UInt16(1).Count(0)));
        Assert.Equal(ProtocolErrorCode.DnsLabelType, Refusal(DnsBytes.Query().Raw(0x80, 0, 0).UInt16(1).UInt16(1).Count(0)));
        Assert.Equal(ProtocolErrorCode.Truncated, Refusal([0, 1, 1, 0]));
        Assert.Equal(ProtocolErrorCode.TooLarge, Refusal(DnsBytes.Query().Question("a").Edns($"000C 1000 {new string('0', 8192)}")));
    }

    // A question is the first name there is: any pointer in it leads into the header or forwards
    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(14)]
    public void DnsQuery_pointer_in_the_question_is_refused(int target) =>
        Assert.Equal(ProtocolErrorCode.DnsPointer, Refusal(DnsBytes.Query().Question($"a.@{target}")));

    [Fact]
    public void DnsQuery_signature_may_only_be_the_last_record()
    {
        Assert.True(DnsQuery.TryParse(DnsBytes.Query().Question("a").Edns().Additional("key", 250, [1, 2]), DnsLimits.Default, Scratch(), out _, out _));
        Assert.True(DnsQuery.TryParse(DnsBytes.Query().Question("a").Additional("key", 250, [1, 2]), DnsLimits.Default, Scratch(), out _, out _));
    }

    [Fact]
    public void DnsQuery_made_of_name_and_type_has_no_message()
    {
        var query = new DnsQuery("a.example", 1);
        Assert.Equal(1, query.Class);
        Assert.True(query.QuestionBytes.IsEmpty);
    }

    private static char[] Scratch() => new char[DnsName.MaxPresentationChars];

    private static ProtocolErrorCode Refusal(byte[] message)
    {
        Assert.False(DnsQuery.TryParse(message, DnsLimits.Default, Scratch(), out var query, out var error));
        Assert.True(query.Name.IsEmpty);
        Assert.InRange(error.Offset, 0, message.Length);
        return error.Code;
    }
}
