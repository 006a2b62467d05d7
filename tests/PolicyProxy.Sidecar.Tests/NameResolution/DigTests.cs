using System.Globalization;
using System.Net;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>dig before the proxy before unbound.</summary>
[Collection(nameof(DatagramTests))]
public sealed class DigTests : IDisposable
{
    private const int AddressesOf4000Bytes = 245;
    private const int AddressesOf65000Bytes = 4_055;

    private readonly UnboundServer _unbound = UnboundServer.Start(
    [
        "www.good.test. 300 IN A 192.0.2.1",
        "www.good.test. 300 IN AAAA 2001:db8::1",
        "six.good.test. 300 IN AAAA 2001:db8::6",
        "zero.good.test. 0 IN A 192.0.2.10",
        "evil.test. 300 IN A 192.0.2.66",
        .. Enumerable.Range(0, AddressesOf4000Bytes).Select(static i => $"big.good.test. 300 IN A 198.18.{i / 250}.{i % 250}"),
        .. Enumerable.Range(0, AddressesOf65000Bytes).Select(static i => $"huge.good.test. 300 IN A 198.19.{i / 250}.{i % 250}"),
    ]);

    public static TheoryData<string, bool, string> Ways => new()
    {
        { "127.0.0.1", false, "127.0.0.1" }, { "127.0.0.1", true, "127.0.0.1" }, { "::1", false, "127.0.0.1" }, { "::1", true, "::1" }, { "127.0.0.1", false, "::1" },
    };

    public void Dispose() => _unbound.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Allowed_name_is_answered_and_learned_and_another_is_refused_with_the_reason(string proxy, bool isTcp, string resolver)
    {
        await using var bench = await StartAsync(resolver);
        var way = isTcp ? "+tcp" : "+notcp";

        var allowed = await DigAsync(bench, proxy, way, "www.good.test", "A");
        var six = await DigAsync(bench, proxy, way, "www.good.test", "AAAA");
        var denied = await DigAsync(bench, proxy, way, "evil.test", "A");
        var absent = await DigAsync(bench, proxy, way, "absent.good.test", "A");

        Assert.Contains("status: NOERROR", allowed);
        Assert.Contains("192.0.2.1", allowed);
        Assert.Contains("2001:db8::1", six);
        Assert.Contains("status: REFUSED", denied);
        Assert.Contains("EDE: 15 (Blocked): (denied by policy)", denied);
        Assert.Contains("status: NXDOMAIN", absent);
        Assert.Equal(["www.good.test 192.0.2.1", "www.good.test 2001:db8::1"], bench.Learned);
        Assert.Equal((4, 3, 3, 1), (bench.Counters.Queries, bench.Counters.Forwarded, bench.Counters.Answered, bench.Counters.Denied));
    }

    [Fact]
    public async Task Denied_name_does_not_exist_if_the_option_says_so()
    {
        await using var bench = await DnsBench.StartAsync([_unbound.Addresses[0]], new DnsProxyOptions(), static options => options with { DnsDeniedCode = DnsResponseCode.NameError });

        var denied = await DigAsync(bench, "127.0.0.1", "+notcp", "evil.test", "A");
        var plain = await DigAsync(bench, "127.0.0.1", "+noedns", "evil.test", "A");

        Assert.Contains("status: NXDOMAIN", denied);
        Assert.Contains("EDE: 15 (Blocked)", denied);
        Assert.Contains("status: NXDOMAIN", plain);
        Assert.DoesNotContain("EDE", plain);
    }

    [Theory]
    [InlineData("+bufsize=4096", false)]
    [InlineData("+bufsize=1232", true)]
    [InlineData("+bufsize=512", true)]
    [InlineData("+noedns", true)]
    public async Task Answer_of_4000_bytes_comes_whole_or_over_tcp_by_the_size_the_client_takes(string size, bool isTruncated)
    {
        await using var bench = await StartAsync("127.0.0.1");

        var cut = await DigAsync(bench, "127.0.0.1", size, "+ignore", "big.good.test", "A");
        var whole = await DigAsync(bench, "127.0.0.1", size, "big.good.test", "A");

        Assert.True(isTruncated == cut.Contains("flags: qr aa tc", StringComparison.Ordinal), cut);
        Assert.Contains($"ANSWER: {AddressesOf4000Bytes},", whole);
        Assert.Contains(isTruncated ? "(TCP)" : "(UDP)", whole);
        Assert.Equal(AddressesOf4000Bytes, bench.Learned.Count);
    }

    [Fact]
    public async Task Answer_of_65000_bytes_comes_over_tcp()
    {
        await using var bench = await StartAsync("127.0.0.1");

        var whole = await DigAsync(bench, "127.0.0.1", "+bufsize=4096", "huge.good.test", "A");

        Assert.Contains($"ANSWER: {AddressesOf65000Bytes},", whole);
        var size = int.Parse(whole[(whole.IndexOf("rcvd: ", StringComparison.Ordinal) + 6)..].Trim(), CultureInfo.InvariantCulture);
        Assert.InRange(size, 64_900, 65_535);
        Assert.Equal(1_000, bench.Learned.Count); // the most of one name
    }

    [Fact]
    public async Task Name_with_ipv6_only_and_name_without_time_to_live_are_learned()
    {
        await using var bench = await StartAsync("127.0.0.1");

        var four = await DigAsync(bench, "127.0.0.1", "+notcp", "six.good.test", "A");
        var six = await DigAsync(bench, "127.0.0.1", "+notcp", "six.good.test", "AAAA");
        var zero = await DigAsync(bench, "127.0.0.1", "+notcp", "zero.good.test", "A");

        Assert.Contains("ANSWER: 0", four);
        Assert.Contains("2001:db8::6", six);
        Assert.Matches(@"zero\.good\.test\.\s+0\s+IN\s+A\s+192\.0\.2\.10", zero);
        Assert.Equal(["six.good.test 2001:db8::6", "zero.good.test 192.0.2.10"], bench.Learned);
    }

    private static Task<string> DigAsync(DnsBench bench, string proxy, params string[] arguments) => Tool.RunAsync(
        "dig", "bind9-dnsutils", ["-r", $"@{proxy}", "-p", $"{(proxy == "::1" ? bench.V6 : bench.V4).Port}", "+tries=1", "+timeout=20", .. arguments]);

    private Task<DnsBench> StartAsync(string resolver) => DnsBench.StartAsync(_unbound.Addresses.Single(address => address.Address.Equals(IPAddress.Parse(resolver))));
}
