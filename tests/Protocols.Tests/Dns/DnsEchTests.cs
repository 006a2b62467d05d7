using PolicyProxy.Fuzz;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsEchTests
{
    private const string Ech = "0005 0004 DEADBEEF";
    private const string Alpn = "0001 0003 02 6832";

    [Fact]
    public void DnsEch_keys_are_removed_and_everything_else_stays()
    {
        byte[] message = DnsBytes.Response(flags: 0x81A0).Question("svc.example", 65)
            .Answer("@12", 65, DnsBytes.Hex($"0001 00 {Alpn} 0004 0004 C0000201 {Ech} 0006 0010 20010DB8000000000000000000000001"))
            .Answer("@12", 65, DnsBytes.Hex("0002 00" + Alpn));
        Assert.Equal(DnsEchRemoval.Removed, Remove(message, out var rest));
        byte[] expected = DnsBytes.Response(flags: 0x8180).Question("svc.example", 65)
            .Answer("@12", 65, DnsBytes.Hex($"0001 00 {Alpn} 0004 0004 C0000201 0006 0010 20010DB8000000000000000000000001"))
            .Answer("@12", 65, DnsBytes.Hex("0002 00" + Alpn));
        Assert.Equal(expected, rest);
    }

    // RFC 9460 §8: a record with a mandatory key that is absent is malformed
    [Theory]
    [InlineData("0000 0002 0005", "")]
    [InlineData("0000 0004 0001 0005", "0000 0002 0001")]
    [InlineData("0000 0006 0001 0005 0006", "0000 0004 0001 0006")]
    [InlineData("0000 0002 0001", "0000 0002 0001")]
    public void DnsEch_key_that_is_gone_is_not_mandatory(string mandatory, string left)
    {
        byte[] message = DnsBytes.Response().Question("a", 65).Answer("a", 65, DnsBytes.Hex($"0001 00 {mandatory} {Alpn} {Ech}"));
        Assert.Equal(DnsEchRemoval.Removed, Remove(message, out var rest));
        byte[] expected = DnsBytes.Response().Question("a", 65).Answer("a", 65, DnsBytes.Hex($"0001 00 {left} {Alpn}"));
        Assert.Equal(expected, rest);
    }

    [Fact]
    public void DnsEch_pointers_follow_what_moved()
    {
        var message = DnsBytes.Response().Question("svc.example", 65).Answer("@12", 65, DnsBytes.Hex($"0001 00 {Ech}"));
        var target = message.Position;
        byte[] whole = message
            .Answer("edge.@16", 1, [192, 0, 2, 1])
            .Answer($"x.@{target}", 5, DnsBytes.Name($"y.@{target}"))
            .Answer("m", 15, [0, 10, .. DnsBytes.Name($"mail.@{target}")])
            .Answer("s", 6, [.. DnsBytes.Name($"@{target}"), .. DnsBytes.Name($"root.@{target}"), .. new byte[20]])
            .Answer("n", 35, [0, 1, 0, 2, 1, 65, 0, 0, .. DnsBytes.Name($"@{target}")]);
        Assert.Equal(DnsEchRemoval.Removed, Remove(whole, out var rest));
        Assert.Equal(
            ["svc.example 65 .", "edge.example 1 .", "x.edge.example 5 y.edge.example", "m 15 mail.edge.example", "s 6 edge.example", "n 35 ."],
            Records(rest));
        Assert.Equal(Records(whole), Records(rest));
        Assert.Equal(whole.Length - 8, rest.Length);
        Assert.Equal(target - 8, ((rest[^2] & 0x3F) << 8) | rest[^1]); // of the NAPTR record, the last name there is
    }

    [Fact]
    public void DnsEch_name_inside_the_keys_is_refused()
    {
        var message = DnsBytes.Response().Question("a", 65).Answer("a", 65, DnsBytes.Hex("0001 00 0005 0003 01 62 00"));
        var hidden = message.Position - 3;
        Assert.Equal(DnsEchRemoval.Refused, Remove(message.Answer($"@{hidden}", 1, [192, 0, 2, 1]), out _));
    }

    [Fact]
    public void DnsEch_message_without_keys_is_not_written()
    {
        Assert.Equal(DnsEchRemoval.Absent, Remove(DnsBytes.Response().Question("a", 65).Answer("a", 65, DnsBytes.Hex("0001 00" + Alpn)), out _));
        Assert.Equal(DnsEchRemoval.Absent, Remove(DnsBytes.Response().Question("a", 1).Answer("a", 16, [4, 0, 5, 0, 0]), out _));
    }

    [Fact]
    public void DnsEch_more_records_than_the_limit_are_refused()
    {
        var message = DnsBytes.Response().Question("a", 65);
        for (var i = 0; i < DnsEch.MaxRecords; i++)
        {
            message.Answer("a", 65, DnsBytes.Hex($"0001 00 0000 0002 0005 {Ech}"));
        }

        Assert.Equal(DnsEchRemoval.Removed, Remove(message, out _));
        Assert.Equal(DnsEchRemoval.Refused, Remove(message.Answer("a", 65, DnsBytes.Hex($"0001 00 0000 0002 0005 {Ech}")), out _));
    }

    [Fact]
    public void DnsEch_destination_that_is_too_short_gets_no_message()
    {
        byte[] bytes = DnsBytes.Response().Question("a", 65).Answer("a", 65, DnsBytes.Hex("0001 00" + Ech));
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out _));
        Assert.Equal(DnsEchRemoval.Refused, DnsEch.Remove(message, new byte[bytes.Length - 9], out var written));
        Assert.Equal(0, written);
        Assert.Equal(DnsEchRemoval.Removed, DnsEch.Remove(message, new byte[bytes.Length - 8], out written));
        Assert.Equal(bytes.Length - 8, written);
    }

    [Fact]
    public void DnsEch_recorded_answers_say_the_same_without_keys()
    {
        var removed = 0;
        foreach (var message in RecordedMessages.DnsResponses)
        {
            if (Remove(message, out var rest) == DnsEchRemoval.Removed)
            {
                Assert.Equal(Records(message), Records(rest));
                Assert.DoesNotContain("fe0d", Convert.ToHexString(rest), StringComparison.OrdinalIgnoreCase);
                removed++;
            }
        }

        Assert.True(removed >= 3, $"{removed} recorded answers have keys");
    }

    private static DnsEchRemoval Remove(byte[] bytes, out byte[] rest)
    {
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out var error), error.ToString());
        var destination = new byte[bytes.Length];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var removal = DnsEch.Remove(message, destination, out var written);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        rest = destination[..written];
        return removal;
    }

    private static List<string> Records(byte[] bytes)
    {
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out var error), error.ToString());
        var list = new List<string>();
        foreach (var record in message.Records)
        {
            list.Add($"{record.Name.ToString()} {record.Type} {(record.Target.IsRoot ? "." : record.Target.ToString())}");
        }

        return list;
    }
}
