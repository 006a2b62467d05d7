using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsMessageTests
{
    [Fact]
    public void DnsMessage_header_flags_are_told_apart()
    {
        Assert.True(DnsHeader.TryRead(DnsBytes.Hex("ABCD FFFF 0001 0002 0003 0004"), out var all));
        Assert.True(all is { IsResponse: true, Opcode: 15, IsAuthoritative: true, IsTruncated: true, RecursionDesired: true });
        Assert.True(all is { RecursionAvailable: true, AuthenticData: true, CheckingDisabled: true, ResponseCodeBits: 15 });
        Assert.True(all is { Id: 0xABCD, QuestionCount: 1, AnswerCount: 2, AuthorityCount: 3, AdditionalCount: 4, RecordCount: 9 });
        Assert.True(DnsHeader.TryRead(DnsBytes.Hex("0000 0000 0000 0000 0000 0000"), out var none));
        Assert.Equal(default, none);
        Assert.False(DnsHeader.TryRead(new byte[11], out _));
    }

    [Fact]
    public void DnsMessage_records_know_their_section()
    {
        byte[] bytes = DnsBytes.Response().Question("a").Answer("a", 1, [1, 2, 3, 4]).Authority("b", 2, DnsBytes.Name("c")).Additional("c", 1, [5, 6, 7, 8]).Edns();
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out _));
        var sections = new List<DnsSection>();
        foreach (var record in message.Records)
        {
            sections.Add(record.Section);
        }

        Assert.Equal([DnsSection.Answer, DnsSection.Authority, DnsSection.Additional, DnsSection.Additional], sections);
        var answers = message.Answers;
        Assert.True(answers.MoveNext());
        Assert.False(answers.MoveNext());
    }

    // RFC 1035 §4.1.4; strictly backwards means that a chain of pointers ends
    [Fact]
    public void DnsMessage_pointer_chain_is_followed_backwards_only()
    {
        var message = DnsBytes.Response().Question("zone.test");
        var first = message.Answer("www.@12", 5, DnsBytes.Name("x.@17"));
        Assert.Equal(["www.zone.test 5 x.test"], Records(first));
        var at = first.Position;
        Assert.Equal(ProtocolErrorCode.DnsPointer, Refusal(first.Answer($"@{at}", 1, [1, 2, 3, 4]))); // to itself
        Assert.Equal(ProtocolErrorCode.DnsPointer, Refusal(DnsBytes.Response().Question("a").Answer("@25", 1, [1, 2, 3, 4]))); // forwards
        Assert.Equal(ProtocolErrorCode.DnsPointer, Refusal(DnsBytes.Response().Question("a").Answer("@4", 1, [1, 2, 3, 4]))); // into the header
        var loop = DnsBytes.Response().Question("a");
        at = loop.Position;
        Assert.Equal(ProtocolErrorCode.DnsPointer, Refusal(loop.Answer($"b.@{at}", 1, [1, 2, 3, 4])));
    }

    [Fact]
    public void DnsMessage_name_that_grows_beyond_255_bytes_by_pointers_is_refused()
    {
        var message = DnsBytes.Response().Question("a");
        var target = 12;
        for (var bytes = 3; bytes + 64 <= DnsName.MaxWireBytes; bytes += 64)
        {
            var at = message.Position;
            message.Answer($"{new string('x', 63)}.@{target}", 1, [1, 2, 3, 4]);
            target = at;
        }

        Assert.True(DnsMessage.TryParse(message, DnsLimits.Default, out _, out _));
        Assert.Equal(ProtocolErrorCode.DnsName, Refusal(message.Answer($"{new string('x', 63)}.@{target}", 1, [1, 2, 3, 4])));
    }

    [Fact]
    public void DnsMessage_pointers_to_pointers_are_bounded()
    {
        var message = DnsBytes.Response().Question("a");
        var target = 12;
        for (var pointers = 0; pointers < 127; pointers++)
        {
            var at = message.Position;
            message.Answer($"@{target}", 1, [1, 2, 3, 4]);
            target = at;
        }

        Assert.True(DnsMessage.TryParse(message, DnsLimits.Default, out _, out _));
        Assert.Equal(ProtocolErrorCode.DnsPointer, Refusal(message.Answer($"@{target}", 1, [1, 2, 3, 4])));
    }

    [Theory]
    [InlineData(1, "C00002", ProtocolErrorCode.DnsData)]
    [InlineData(1, "C000020101", ProtocolErrorCode.DnsData)]
    [InlineData(28, "C0000201", ProtocolErrorCode.DnsData)]
    [InlineData(5, "", ProtocolErrorCode.DnsData)]
    [InlineData(5, "00 00", ProtocolErrorCode.DnsData)]
    [InlineData(5, "03 6162", ProtocolErrorCode.DnsData)] // runs on behind the data
    [InlineData(5, "C0", ProtocolErrorCode.DnsData)]
    [InlineData(2, "C00C 00", ProtocolErrorCode.DnsData)]
    [InlineData(12, "40", ProtocolErrorCode.DnsLabelType)]
    [InlineData(15, "00", ProtocolErrorCode.DnsData)]
    [InlineData(15, "000A", ProtocolErrorCode.DnsData)]
    [InlineData(33, "0001 0002 0003", ProtocolErrorCode.DnsData)]
    [InlineData(6, "00 00 0000000000000000000000000000000000000000 00", ProtocolErrorCode.DnsData)]
    [InlineData(6, "00 00 00000000000000000000000000000000000000", ProtocolErrorCode.DnsData)]
    [InlineData(16, "", ProtocolErrorCode.DnsData)]
    [InlineData(16, "05 61", ProtocolErrorCode.DnsData)]
    [InlineData(13, "01 61", ProtocolErrorCode.DnsData)]
    [InlineData(13, "01 61 01 61 01 61", ProtocolErrorCode.DnsData)]
    [InlineData(35, "0001 0002 01 41 00", ProtocolErrorCode.DnsData)]
    [InlineData(46, "000000000000000000000000000000000000 C00C", ProtocolErrorCode.DnsPointer)] // RFC 4034 §3.1.7
    [InlineData(47, "C00C 00", ProtocolErrorCode.DnsPointer)]
    [InlineData(65, "0001", ProtocolErrorCode.DnsData)]
    [InlineData(65, "0001 C00C", ProtocolErrorCode.DnsPointer)] // RFC 9460 §2.2
    [InlineData(65, "0001 00 0001", ProtocolErrorCode.DnsServiceParameter)]
    [InlineData(65, "0001 00 0001 0003 02", ProtocolErrorCode.DnsServiceParameter)]
    [InlineData(65, "0001 00 0003 0002 01BB 0001 0000", ProtocolErrorCode.DnsServiceParameter)] // not ascending
    [InlineData(65, "0001 00 0005 0000 0005 0000", ProtocolErrorCode.DnsServiceParameter)] // twice
    [InlineData(65, "0001 00 0000 0000", ProtocolErrorCode.DnsServiceParameter)] // nothing mandatory
    [InlineData(65, "0001 00 0000 0001 00", ProtocolErrorCode.DnsServiceParameter)]
    [InlineData(65, "0001 00 0003 0001 01", ProtocolErrorCode.DnsServiceParameter)] // half a port
    [InlineData(65, "0001 00 0004 0003 C00002", ProtocolErrorCode.DnsServiceParameter)]
    [InlineData(64, "0001 00 0006 0004 C0000201", ProtocolErrorCode.DnsServiceParameter)]
    public void DnsMessage_data_of_the_wrong_length_is_refused(int type, string data, ProtocolErrorCode code) =>
        Assert.Equal(code, Refusal(DnsBytes.Response().Question("a").Answer("a", (ushort)type, DnsBytes.Hex(data)).Answer("a", 1, [1, 2, 3, 4])));

    // RFC 3597 §3: bytes of a type that is not known mean nothing, whatever they look like
    [Theory]
    [InlineData(65400, 1, "C0FF")]
    [InlineData(65400, 1, "")]
    [InlineData(1, 3, "01")] // A of class CHAOS
    [InlineData(28, 255, "")]
    public void DnsMessage_data_of_other_types_and_classes_is_opaque(int type, int @class, string data)
    {
        byte[] bytes = DnsBytes.Response().Question("a").Answer("a", (ushort)type, DnsBytes.Hex(data), @class: (ushort)@class);
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out _));
        foreach (var record in message.Records)
        {
            Assert.Equal(DnsBytes.Hex(data), record.Data.ToArray());
            Assert.True(record.Address.IsEmpty);
            Assert.True(record.Target.IsRoot);
        }
    }

    [Fact]
    public void DnsMessage_opt_outside_the_additional_section_is_refused()
    {
        Assert.Equal(ProtocolErrorCode.DnsEdns, Refusal(DnsBytes.Response().Question("a").Answer("", 41, [])));
        Assert.Equal(ProtocolErrorCode.DnsEdns, Refusal(DnsBytes.Response().Question("a").Edns().Edns()));
    }

    [Fact]
    public void DnsMessage_more_than_the_limits_is_refused()
    {
        var few = new DnsLimits { MaxRecords = 1, MaxMessageBytes = 100 };
        Assert.True(DnsMessage.TryParse(DnsBytes.Response().Question("a").Answer("a", 1, [1, 2, 3, 4]), few, out _, out _));
        Assert.False(DnsMessage.TryParse(DnsBytes.Response().Question("a").Answer("a", 1, [1, 2, 3, 4]).Edns(), few, out _, out var error));
        Assert.Equal(ProtocolErrorCode.TooLarge, error.Code);
        Assert.False(DnsMessage.TryParse(DnsBytes.Response().Question("a").Answer("a", 16, [100, .. new byte[100]]), few, out _, out error));
        Assert.Equal(ProtocolErrorCode.TooLarge, error.Code);
    }

    [Fact]
    public void DnsMessage_announced_records_that_are_not_there_are_missed()
    {
        Assert.Equal(ProtocolErrorCode.Truncated, Refusal(DnsBytes.Response().Question("a").Count(1)));
        Assert.Equal(ProtocolErrorCode.TrailingBytes, Refusal(DnsBytes.Response().Question("a").Answer("a", 1, [1, 2, 3, 4]).Raw(0)));
    }

    [Fact]
    public void DnsMessage_longest_message_full_of_addresses_is_read()
    {
        var message = DnsBytes.Response().Question("a.example");
        while (message.Position + 16 <= 65_535)
        {
            message.Answer("@12", 1, [192, 0, 2, 1]);
        }

        Assert.True(DnsAnswer.TryParse(message, DnsLimits.Default, out var answer, out var error), error.ToString());
        var count = 0;
        foreach (var address in answer.Addresses)
        {
            count += address.Bytes.Length / 4;
        }

        Assert.Equal(4_094, count);
    }

    [Theory]
    [InlineData("www.Example", "WWW.eXAMPLE", true)]
    [InlineData("www.example", "www.exampld", false)]
    [InlineData("a.b", "ab", false)]
    [InlineData("a", "a.b", false)]
    [InlineData("a.b", "a", false)]
    [InlineData("[", "{", false)] // 0x5B and 0x7B: no letters
    [InlineData("\u00C0", "\u00E0", false)] // letters of Latin-1 only
    [InlineData("\u00C0", "\u00C0", true)]
    public void DnsWireName_case_counts_for_letters_of_ascii_only(string left, string right, bool isSame)
    {
        Assert.True(DnsMessage.TryParse(DnsBytes.Ask(left), DnsLimits.Default, out var one, out _));
        Assert.True(DnsMessage.TryParse(DnsBytes.Ask(right), DnsLimits.Default, out var other, out _));
        Assert.Equal(isSame, one.Question.Name.IsSame(other.Question.Name));
        Assert.Equal(left == right, one.Question.Name.IsSameCase(other.Question.Name));
    }

    private static ProtocolErrorCode Refusal(byte[] bytes)
    {
        Assert.False(DnsMessage.TryParse(bytes, DnsLimits.Default, out _, out var error));
        Assert.InRange(error.Offset, 0, bytes.Length);
        return error.Code;
    }

    private static List<string> Records(byte[] bytes)
    {
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out var error), error.ToString());
        var list = new List<string>();
        foreach (var record in message.Records)
        {
            list.Add($"{record.Name.ToString()} {record.Type} {record.Target.ToString()}");
        }

        return list;
    }
}
