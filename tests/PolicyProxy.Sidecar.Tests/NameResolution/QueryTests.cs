using PolicyProxy.Flows;
using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;
using PolicyProxy.TestKit.Flows;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>What reaches the resolver and what comes back of it.</summary>
[Collection(nameof(DatagramTests))]
public sealed class QueryTests
{
    private const string Name = "www.good.test";

    [Fact]
    public async Task Query_is_passed_on_byte_for_byte_under_another_id_and_keeps_its_case()
    {
        byte[] query = DnsBytes.Query(0x4242).Question("wWw.gOOd.TesT").Edns("000A 0008 0102030405060708");
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);
        using var stream = await TcpAsker.ConnectAsync(bench.V6);

        await client.SendAsync(query);
        await stream.SendAsync(query);
        var answers = new[] { await client.ReceiveAsync(), await stream.ReceiveAsync() };

        Assert.All(resolver.Queries, seen => Assert.Equal(query[2..], seen.Bytes[2..]));
        Assert.Equal([false, true], resolver.Queries.Select(static seen => seen.Connection is not null).Order());
        byte[] expected = DnsBytes.Response(0x4242).Question("wWw.gOOd.TesT").Answer("@12", 1, [192, 0, 2, 1]);
        Assert.All(answers, answer => Assert.Equal(expected, answer));
        Assert.Equal([$"{Name} 192.0.2.1"], bench.Learned);
    }

    public static TheoryData<string, byte[], string?> NoQueries => new()
    {
        { "a response", DnsBytes.Response().Question(Name).Answer("@12", 1, [203, 0, 113, 66]), null },
        { "nothing", [], null },
        { "half a header", [1, 2, 3, 4, 5], null },
        { "another opcode", DnsBytes.Query(flags: 0x2900).Question(Name), "1234 NotImplemented" },
        { "two questions", DnsBytes.Query().Question(Name).Question(Name), "1234 FormatError" },
        { "no question", DnsBytes.Query(), "1234 FormatError" },
        { "a name that points to itself", DnsBytes.Query().Question("@12"), "1234 FormatError" },
        { "an answer inside", DnsBytes.Query().Question(Name).Answer("@12", 1, [203, 0, 113, 66]), "1234 FormatError" },
        { "bytes behind the end", [.. DnsBytes.Ask(Name), 7], "1234 FormatError" },
    };

    [Theory]
    [MemberData(nameof(NoQueries))]
    public async Task What_is_no_query_never_reaches_the_resolver(string what, byte[] message, string? answer)
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);

        await client.SendAsync(message);
        await client.SendAsync(DnsBytes.Ask(Name, id: 7));
        var answers = new List<string>();
        do
        {
            answers.Add(DnsReplyText.Of(await client.ReceiveAsync()));
        }
        while (answers[^1] != "0007 NoError 192.0.2.1");

        Assert.Equal((what, answer), (what, answers.Count == 1 ? null : answers[0]));
        Assert.Single(resolver.Queries);
    }

    [Fact]
    public async Task Alias_chain_teaches_the_name_that_was_asked_for()
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Response()
            .Answer("@12", 5, DnsBytes.Name("a.cdn.test"), ttl: 60)
            .Answer("b.cdn.test", 1, [192, 0, 2, 7])
            .Answer("a.cdn.test", 5, DnsBytes.Name("b.cdn.test"), ttl: 60)
            .Answer("other.good.test", 1, [203, 0, 113, 66])
            .Additional("www2.good.test", 1, [203, 0, 113, 66])));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);

        Assert.Equal("1234 NoError 192.0.2.7", await client.AskAsync(DnsBytes.Ask(Name)));
        Assert.Equal([$"{Name} 192.0.2.7"], bench.Learned);
    }

    [Fact]
    public async Task Address_is_known_before_the_client_has_the_answer()
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);
        var seen = new List<(string Address, bool IsNew, int Available)>();
        bench.Identities.Published += (_, change) =>
        {
            foreach (var address in change.Addresses)
            {
                seen.Add(($"{address.Address}", bench.Identities.Resolve(address.Address) == address.After, client.Socket.Available));
            }
        };

        Assert.Equal("1234 NoError 192.0.2.1", await client.AskAsync(DnsBytes.Ask(Name)));

        Assert.Equal([("192.0.2.1", true, 0)], seen);
    }

    [Fact]
    public async Task Source_ports_change()
    {
        const int Queries = 200;
        const int PerPort = 5;
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync([resolver.Address], new DnsProxyOptions { QueriesPerPort = PerPort, SourcePorts = 4 });
        using var client = new UdpAsker(bench.V4);
        for (var query = 1; query <= Queries; query++)
        {
            Assert.Equal($"{query:x4} NoError 192.0.2.1", await client.AskAsync(DnsBytes.Ask(Name, id: (ushort)query)));
        }

        var ports = resolver.Queries.GroupBy(static query => query.Client.Port).ToList();
        Assert.True(ports.Count >= Queries / PerPort / 2, $"{ports.Count} ports"); // the kernel may give one twice
        Assert.True(resolver.Queries.Select(static query => query.Id).Distinct().Count() > Queries * 9 / 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flows_tell_question_and_answer(bool isTcp)
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Response()
            .Answer("@12", 5, DnsBytes.Name("a.cdn.test"), ttl: 60).Answer("a.cdn.test", 1, [192, 0, 2, 7]).Answer("a.cdn.test", 1, [192, 0, 2, 8])));
        await using var bench = await DnsBench.StartAsync([resolver.Address], new DnsProxyOptions(), isObserved: true);
        using var client = new UdpAsker(bench.V4);
        using var stream = await TcpAsker.ConnectAsync(bench.V4);
        Func<byte[], Task<string>> ask = isTcp ? stream.AskAsync : client.AskAsync;

        Assert.Equal("1234 NoError 192.0.2.7 192.0.2.8", await ask(DnsBytes.Ask(Name)));
        Assert.Equal("1234 Refused", await ask(DnsBytes.Ask("evil.test", 28)));

        Assert.True(SpinWait.SpinUntil(() => bench.Flows!.SeenFlows >= 3, TimeSpan.FromSeconds(30)));
        var flows = bench.Flows!.All();
        flows.RemoveAll(static flow => flow.L7 is not DnsRecord);
        Assert.Equal(3, flows.Count);
        var (question, answer, denied) = ((DnsRecord)flows[0].L7!, (DnsRecord)flows[1].L7!, (DnsRecord)flows[2].L7!);
        Assert.Equal((false, $"{Name}.", "A", FlowVerdict.Forwarded), (question.IsResponse, question.Query, question.QueryType, flows[0].Verdict));
        Assert.Equal((true, $"{Name}.", "A", 0, 60u), (answer.IsResponse, answer.Query, answer.QueryType, answer.ResponseCode, answer.Ttl));
        Assert.Equal(["192.0.2.7", "192.0.2.8"], answer.Addresses);
        Assert.Equal(["a.cdn.test."], answer.Cnames);
        Assert.True(answer.Latency > TimeSpan.Zero);
        Assert.Equal((false, "evil.test.", "AAAA", FlowVerdict.Dropped), (denied.IsResponse, denied.Query, denied.QueryType, flows[2].Verdict));
        Assert.Equal(resolver.Address, flows[0].Destination.Address);
    }
}
