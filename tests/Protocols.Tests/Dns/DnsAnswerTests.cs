using System.Net;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsAnswerTests
{
    private static readonly byte[] s_one = [192, 0, 2, 1];
    private static readonly byte[] s_two = [192, 0, 2, 2];
    private static readonly byte[] s_six = IPAddress.Parse("2001:db8::6").GetAddressBytes();

    [Fact]
    public void DnsAnswer_addresses_have_the_least_ttl_of_their_chain()
    {
        byte[] message = DnsBytes.Response().Question("www.shop.example")
            .Answer("@12", 5, DnsBytes.Name("shop.cdn.example"), ttl: 60)
            .Answer("SHOP.cdn.example", 5, DnsBytes.Name("edge.cdn.example"), ttl: 20)
            .Answer("edge.CDN.example", 1, s_one, ttl: 300)
            .Answer("edge.cdn.example", 28, s_six, ttl: 5);
        var answer = Read(message);
        Assert.Equal(["192.0.2.1 20", "2001:db8::6 5"], Addresses(answer));
        Assert.Equal(["shop.cdn.example", "edge.cdn.example"], Aliases(answer));
        Assert.Equal(2, answer.AliasCount);
    }

    [Fact]
    public void DnsAnswer_chain_is_followed_in_any_order()
    {
        var answer = Read(DnsBytes.Response().Question("a")
            .Answer("c", 1, s_one).Answer("b", 5, DnsBytes.Name("c")).Answer("a", 5, DnsBytes.Name("b")));
        Assert.Equal(["b", "c"], Aliases(answer));
        Assert.Equal(["192.0.2.1 300"], Addresses(answer));
    }

    [Fact]
    public void DnsAnswer_records_off_the_chain_teach_nothing()
    {
        var answer = Read(DnsBytes.Response().Question("a.example")
            .Answer("bank.example", 1, s_one) // another name
            .Answer("x.a.example", 1, s_one)
            .Answer("a.example", 1, s_one, @class: 3) // another class
            .Answer("a.example", 5, DnsBytes.Name("b.example"))
            .Answer("a.example", 1, s_one) // an alias has no addresses of its own
            .Answer("other.example", 5, DnsBytes.Name("b2.example"))
            .Answer("b2.example", 1, s_one)
            .Answer("b.example", 1, s_two)
            .Authority("b.example", 1, s_one)
            .Additional("b.example", 1, s_one));
        Assert.Equal(["192.0.2.2 300"], Addresses(answer));
        Assert.Equal(["b.example"], Aliases(answer));
    }

    [Fact]
    public void DnsAnswer_aliases_that_go_in_circles_teach_nothing()
    {
        var answer = Read(DnsBytes.Response().Question("a")
            .Answer("a", 5, DnsBytes.Name("b")).Answer("b", 5, DnsBytes.Name("a")).Answer("a", 1, s_one).Answer("b", 1, s_one));
        Assert.Empty(Addresses(answer));
        Assert.Equal(["b", "a"], Aliases(answer));
        Assert.Empty(Addresses(Read(DnsBytes.Response().Question("a").Answer("a", 5, DnsBytes.Name("a")).Answer("a", 1, s_one))));
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void DnsAnswer_chain_as_long_as_the_limit_teaches(int aliases, bool teaches)
    {
        var message = DnsBytes.Response().Question("n0");
        for (var i = 0; i < aliases; i++)
        {
            message.Answer($"n{i}", 5, DnsBytes.Name($"n{i + 1}"));
        }

        Assert.Equal(teaches, Addresses(Read(message.Answer($"n{aliases}", 1, s_one))).Count == 1);
    }

    [Fact]
    public void DnsAnswer_other_code_than_no_error_teaches_nothing()
    {
        var answer = Read(DnsBytes.Response(flags: 0x8183).Question("a").Answer("a", 1, s_one));
        Assert.Equal(DnsResponseCode.NameError, answer.ResponseCode);
        Assert.Empty(Addresses(answer));
        answer = Read(DnsBytes.Response(flags: 0x8180).Question("a").Answer("a", 1, s_one).Edns(flags: 0x0100_0000));
        Assert.Equal(DnsResponseCode.BadVersion, answer.ResponseCode);
        Assert.Empty(Addresses(answer));
    }

    [Fact]
    public void DnsAnswer_truncated_answer_says_so_and_teaches_what_is_there()
    {
        var answer = Read(DnsBytes.Response(flags: 0x8380).Question("a").Answer("a", 1, s_one));
        Assert.True(answer.IsTruncated);
        Assert.Single(Addresses(answer));
    }

    [Fact]
    public void DnsAnswer_without_question_teaches_nothing_and_matches_nothing()
    {
        var answer = Read(DnsBytes.Response().Answer("", 1, s_one));
        Assert.Empty(Addresses(answer));
        Assert.False(answer.Matches(0x1234, []));
    }

    [Fact]
    public void DnsAnswer_ttl_with_the_highest_bit_counts_as_zero() =>
        Assert.Equal(["192.0.2.1 0"], Addresses(Read(DnsBytes.Response().Question("a").Answer("a", 1, s_one, ttl: 0x8000_0001))));

    [Theory]
    [InlineData(0x1234, "WWW.example", 1, 1, true)]
    [InlineData(0x1235, "WWW.example", 1, 1, false)]
    [InlineData(0x1234, "www.example", 1, 1, false)] // the case it was asked in
    [InlineData(0x1234, "WWW.example", 28, 1, false)]
    [InlineData(0x1234, "WWW.example", 1, 3, false)]
    [InlineData(0x1234, "WWW.examplf", 1, 1, false)]
    public void DnsAnswer_matches_only_the_question_that_was_asked(int id, string name, int type, int @class, bool matches)
    {
        Assert.True(DnsQuery.TryParse(DnsBytes.Ask("WWW.example"), DnsLimits.Default, new char[DnsName.MaxPresentationChars], out var query, out _));
        var answer = Read(DnsBytes.Response((ushort)id).Question(name, (ushort)type, (ushort)@class));
        Assert.Equal(matches, answer.Matches(query));
    }

    [Fact]
    public void DnsAnswer_query_is_refused()
    {
        Assert.False(DnsAnswer.TryParse(DnsBytes.Ask("a"), DnsLimits.Default, out _, out var error));
        Assert.Equal(ProtocolErrorCode.DnsDirection, error.Code);
    }

    private static DnsAnswer Read(byte[] message)
    {
        Assert.True(DnsAnswer.TryParse(message, DnsLimits.Default, out var answer, out var error), error.ToString());
        return answer;
    }

    private static List<string> Addresses(DnsAnswer answer)
    {
        var list = new List<string>();
        foreach (var address in answer.Addresses)
        {
            list.Add($"{new IPAddress(address.Bytes)} {address.Ttl}");
        }

        return list;
    }

    private static List<string> Aliases(DnsAnswer answer)
    {
        var list = new List<string>();
        foreach (var alias in answer.Aliases)
        {
            list.Add(alias.ToString());
        }

        return list;
    }
}
