using DnsClient;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>The package DnsClient before the proxy before unbound.</summary>
[Collection(nameof(DatagramTests))]
public sealed class DnsClientTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Package_gets_what_is_allowed_and_REFUSED_for_what_is_not(bool isIpv6)
    {
        const int Texts = 60;
        using var unbound = UnboundServer.Start(
        [
            "www.good.test. 300 IN A 192.0.2.1",
            "good.test. 300 IN MX 10 mail.good.test.",
            .. Enumerable.Range(0, Texts).Select(static i => $"text.good.test. 300 IN TXT \"{new string('x', 60)}{i}\""),
        ]);
        await using var bench = await DnsBench.StartAsync(unbound.Addresses[0]);
        var client = new LookupClient(new LookupClientOptions(isIpv6 ? bench.V6 : bench.V4) { UseCache = false, Retries = 0, Timeout = TimeSpan.FromSeconds(20) });

        var address = await client.QueryAsync("www.good.test", QueryType.A);
        var mail = await client.QueryAsync("good.test", QueryType.MX);
        var text = await client.QueryAsync("text.good.test", QueryType.TXT); // falls back to TCP
        var denied = await client.QueryAsync("www.evil.test", QueryType.A);

        Assert.Equal("192.0.2.1", Assert.Single(address.Answers.ARecords()).Address.ToString());
        Assert.Equal("mail.good.test.", Assert.Single(mail.Answers.MxRecords()).Exchange.Value);
        Assert.Equal(Texts, text.Answers.TxtRecords().Count());
        Assert.Equal(DnsHeaderResponseCode.Refused, denied.Header.ResponseCode);
        Assert.Equal(["www.good.test 192.0.2.1"], bench.Learned);
    }
}
