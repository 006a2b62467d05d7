using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>Keys for Encrypted Client Hello are taken out of answers if the option says so.</summary>
[Collection(nameof(DatagramTests))]
public sealed class EchTests
{
    private const string Name = "www.good.test";
    private const ushort Https = 65;
    private const string Alpn = "0001 0003 02 6832";
    private const string Keys = "0005 0004 DEADBEEF";

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Https_record_comes_without_its_keys_if_they_are_stripped(bool isTcp, bool strips)
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(Answer(query, $"0001 00 {Alpn} {Keys}")));
        await using var bench = await DnsBench.StartAsync([resolver.Address], new DnsProxyOptions { StripsEch = strips });

        var answer = await AskAsync(bench, isTcp);

        byte[] expected = DnsBytes.Response().Question(Name, Https).Answer("@12", Https, DnsBytes.Hex($"0001 00 {Alpn} {(strips ? "" : Keys)}"));
        Assert.Equal(expected, answer);
    }

    /// <summary>What cannot be stripped is not let through, and the client does not wait for it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_with_more_keys_than_can_be_taken_out_becomes_a_failure(bool isTcp)
    {
        await using var resolver = ScriptedResolver.Start(static query =>
        {
            var answer = query.Response();
            for (var i = 0; i < 129; i++)
            {
                answer.Answer("@12", Https, DnsBytes.Hex($"{i:X4} 00 {Keys}"));
            }

            return query.SendAsync(answer);
        });
        await using var bench = await DnsBench.StartAsync([resolver.Address], new DnsProxyOptions { StripsEch = true });

        Assert.Equal("1234 ServerFailure", DnsReplyText.Of(await AskAsync(bench, isTcp)));
    }

    private static byte[] Answer(ReceivedQuery query, string record) => query.Response().Answer("@12", Https, DnsBytes.Hex(record));

    private static async Task<byte[]> AskAsync(DnsBench bench, bool isTcp)
    {
        var question = DnsBytes.Ask(Name, Https);
        if (isTcp)
        {
            using var stream = await TcpAsker.ConnectAsync(bench.V4);
            await stream.SendAsync(question);
            return await stream.ReceiveAsync();
        }

        using var client = new UdpAsker(bench.V4);
        await client.SendAsync(question);
        return await client.ReceiveAsync();
    }
}
