using System.Net.Security;
using System.Net.Sockets;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;
using static PolicyProxy.Sidecar.Tests.Relay.Origins.TransparentBench;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>Rules with server names, on connections that were redirected: TLS passes as it is, by the name it asks for.</summary>
public sealed class ServerNameTests
{
    private const string Rule = "serverNames: [\"*.example\"]";

    [Theory]
    [InlineData("a.example", true)]
    [InlineData("A.Example", true)]
    [InlineData("b.other", false)]
    [InlineData("x.a.example", false)]
    public async Task Handshake_passes_untouched_or_is_reset_by_its_name(string name, bool isAllowed)
    {
        using var origin = TlsOrigin.Start();
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));

        var outcome = await FetchAsync(await bench.Redirection.ConnectAsync(bench.Egress, origin.Address), name, origin.Fingerprint);

        Assert.Equal(isAllowed ? name : null, outcome);
        Assert.Equal(isAllowed ? 1 : 0, origin.Connections);
        var flow = Assert.Single(bench.Seen(), static flow => flow.L7 is TlsRecord);
        Assert.Equal(new TlsRecord(name.ToLowerInvariant()), flow.L7);
        Assert.Equal(
            isAllowed ? (FlowVerdict.Forwarded, VerdictReason.AllowedByRule) : (FlowVerdict.Dropped, VerdictReason.NoRuleMatched),
            (flow.Verdict, flow.Reason));
        Assert.Equal(isAllowed ? (1, 0) : (0, 1), (bench.Server.Counters.Tunnels, bench.Server.Counters.Refused));
    }

    [Fact]
    public async Task Handshake_that_arrives_byte_by_byte_passes()
    {
        using var origin = TlsOrigin.Start();
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));
        var socket = await bench.Redirection.ConnectAsync(bench.Egress, origin.Address);

        Assert.Equal("a.example", await FetchAsync(new BytewiseStream(socket), "a.example", origin.Fingerprint));
    }

    [Fact]
    public async Task Hello_cut_at_any_byte_reaches_the_origin_as_it_was_sent()
    {
        var hello = TlsFlights.Hello("a.example");
        await using var origin = ScriptedUpstream.Start(async connection => await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(hello.Length + 3)));
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));
        for (var cut = 0; cut <= hello.Length; cut++)
        {
            using var client = await bench.ConnectAsync(origin.Address);
            await client.WriteAsync(hello[..cut]);
            await client.WriteAsync(hello[cut..] + "end");
            Assert.Equal((hello + "end", ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task Hello_cut_over_records_passes_and_the_origin_sees_these_records(int recordBytes)
    {
        var hello = TlsFlights.Hello("a.example", recordBytes);
        await using var origin = ScriptedUpstream.Start(async connection => await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(hello.Length)));
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));
        using var client = await bench.ConnectAsync(origin.Address);

        await client.WriteAsync(hello);

        Assert.Equal((hello, ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
    }

    /// <summary>What the client sends, and what the flow has to say of it.</summary>
    public static TheoryData<string, VerdictReason, string, string> Refused { get; } = new()
    {
        { TlsFlights.Hello(null), VerdictReason.NoRuleMatched, "", "names no server" },
        { TlsFlights.Hello("b.other"), VerdictReason.NoRuleMatched, "b.other", "" },
        { TlsFlights.Hello("a.example", type: 0xFE0D), VerdictReason.Unsupported, "a.example", "ECH" },
        { "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", VerdictReason.NoRuleMatched, "", "does not begin with a TLS handshake" },
        { "x", VerdictReason.NoRuleMatched, "", "does not begin with a TLS handshake" },
        { "\u0080\u002e\u0001\u0003\u0001", VerdictReason.NoRuleMatched, "", "does not begin with a TLS handshake" },
        { TlsFlights.Hello("a.example."), VerdictReason.ProtocolError, "", "no DNS name" },
        { TlsFlights.Hello("127.0.0.1"), VerdictReason.ProtocolError, "", "an address" },
        { TlsFlights.Hello("a.example", padding: 16_400), VerdictReason.ProtocolError, "", "exceeds the configured limit" },
        { TlsFlights.Hello("a.example")[..^4] + "\0\0\0\0", VerdictReason.ProtocolError, "", "supported versions" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_shows_no_allowed_name_is_reset_and_the_flow_says_why(string bytes, VerdictReason reason, string name, string note)
    {
        await using var origin = ScriptedUpstream.Start(static _ => Task.CompletedTask);
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));
        await AssertResetAsync(async () =>
        {
            var client = await bench.ConnectAsync(origin.Address);
            await client.WriteAsync(bytes);
            return client;
        });

        var flow = bench.Seen()[^1];
        Assert.Equal((FlowVerdict.Dropped, reason, new TlsRecord(name)), (flow.Verdict, flow.Reason, flow.L7));
        Assert.Contains(note, flow.Note, StringComparison.Ordinal);
        Assert.Equal((0, 1), (origin.Connections, bench.Server.Counters.Refused));
    }

    [Fact]
    public async Task Hello_that_does_not_come_in_time_is_reset()
    {
        await using var origin = ScriptedUpstream.Start(static _ => Task.CompletedTask);
        await using var bench = await StartAsync(
            EgressPolicy(To(origin.Address, Rule)), static options => options with { Relay = new RelayOptions { HeadTimeout = TimeSpan.FromMilliseconds(50) } });
        foreach (var start in new[] { "", TlsFlights.Hello("a.example")[..20] })
        {
            await AssertResetAsync(async () =>
            {
                var client = await bench.ConnectAsync(origin.Address);
                await client.WriteAsync(start);
                return client;
            });
            Assert.Contains("in time", bench.Seen()[^1].Note, StringComparison.Ordinal);
        }

        Assert.Equal((0, 2), (origin.Connections, bench.Server.Counters.Timeouts));
    }

    [Fact]
    public async Task Client_that_ends_inside_its_hello_is_reset_and_one_that_says_nothing_is_closed()
    {
        await using var origin = ScriptedUpstream.Start(static _ => Task.CompletedTask);
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));
        using var silent = await bench.ConnectAsync(origin.Address);
        silent.Bytes.EndSending();
        Assert.Equal(ConnectionEnd.Closed, await silent.EndAsync());

        await AssertResetAsync(async () =>
        {
            var client = await bench.ConnectAsync(origin.Address);
            await client.WriteAsync(TlsFlights.Hello("a.example")[..20]);
            client.Bytes.EndSending();
            return client;
        });
        Assert.Equal(0, origin.Connections);
    }

    [Fact]
    public async Task Rule_without_names_for_the_same_port_lets_everything_pass_and_the_server_may_speak_first()
    {
        await using var origin = ScriptedUpstream.Start(static async connection =>
        {
            await connection.Bytes.WriteAsync("220 ready");
            await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(4));
        });
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule), To(origin.Address).Replace("/32", "/31", StringComparison.Ordinal)));
        using var client = await bench.ConnectAsync(origin.Address);

        Assert.Equal("220 ready", await client.Bytes.ReadAsync(9));
        await client.WriteAsync("QUIT");
        Assert.Equal(("QUIT", ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
    }

    [Fact]
    public async Task Audit_mode_passes_every_handshake_and_reports_the_name()
    {
        await using var origin = ScriptedUpstream.Start(static async connection => await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(1)));
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)), static options => options with { Audit = true });
        foreach (var (bytes, name) in new[] { (TlsFlights.Hello("b.other"), "b.other"), (TlsFlights.Hello("p.other", type: 0xFE0D), "p.other"), ("GET /", "") })
        {
            using var client = await bench.ConnectAsync(origin.Address);
            await client.WriteAsync(bytes);
            Assert.Equal(bytes[..1], await client.Bytes.ReadAsync(1));
            var flow = bench.Seen()[^1];
            Assert.Equal((FlowVerdict.Audit, new TlsRecord(name)), (flow.Verdict, flow.L7));
        }
    }

    [Theory]
    [InlineData("serverNames: [a.example, c.example]", false)]
    [InlineData("serverNames: [c.example]", true)]
    [InlineData("rules: {http: [{}]}", true)]
    [InlineData("", false)]
    public async Task Open_connection_is_cut_when_policy_allows_its_name_no_more(string rules, bool isCut)
    {
        await using var origin = ScriptedUpstream.Start(static async connection =>
        {
            while (await connection.Bytes.ReadAsync(1) is { Length: 1 } octet)
            {
                await connection.Bytes.WriteAsync(octet);
            }
        });
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));
        using var client = await bench.ConnectAsync(origin.Address);
        var hello = TlsFlights.Hello("a.example");
        await client.WriteAsync(hello);
        Assert.Equal(hello, await client.Bytes.ReadAsync(hello.Length));

        var policy = EgressPolicy(To(origin.Address, rules));
        if (isCut)
        {
            await bench.ReloadAsync(policy);
            Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
            return;
        }

        for (var i = 0; i < 5; i++)
        {
            await bench.ReloadAsync($"{policy}\n# {i}");
            await client.WriteAsync("x");
            Assert.Equal("x", await client.Bytes.ReadAsync(1));
        }
    }

    [Theory]
    [InlineData("", "a.example", true)]
    [InlineData("\u0014\u0003\u0003\0\u0001\u0001", "A.example", true)]
    [InlineData("", "b.other", false)]
    [InlineData("", "c.example", false)]
    [InlineData("", null, false)]
    [InlineData("\u0014\u0003\u0003\0\u0001\u0001", "c.example", false)]
    [InlineData("\u0017\u0003\u0003\0\u0002xx", "c.example", false)]
    [InlineData("\u0016\u0003\u0003\0\0", "a.example", false)]
    public async Task Second_hello_has_to_name_the_same_server(string before, string? name, bool passes)
    {
        var first = TlsFlights.Hello("a.example", type: 42); // early data
        var second = before + TlsFlights.Hello(name, recordBytes: 20) + "\u0017\u0003\u0003\0\u0001x";
        await using var origin = ScriptedUpstream.Start(async connection =>
            await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(first.Length) is { } seen ? $"{seen}{await connection.Bytes.ReadAsync(second.Length)}" : ""));
        await using var bench = await StartAsync(EgressPolicy(To(origin.Address, Rule)));
        foreach (var isBytewise in new[] { false, true })
        {
            using var client = await bench.ConnectAsync(origin.Address);
            try
            {
                await (isBytewise ? client.Bytes.WriteBytewiseAsync(first + second) : client.WriteAsync(first + second));
            }
            catch (SocketException error) when (!passes && error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
            {
                continue; // already while the client was writing
            }

            Assert.Equal(passes ? (first + second, ConnectionEnd.Closed) : ("", ConnectionEnd.Reset), await client.Bytes.ReadToEndAsync());
        }

        if (!passes)
        {
            Assert.Contains("second ClientHello", bench.Seen()[^1].Note, StringComparison.Ordinal);
        }
    }

    // The body of the response; null if the connection was reset.
    private static Task<string?> FetchAsync(Socket socket, string name, string fingerprint) =>
        FetchAsync(new NetworkStream(socket, ownsSocket: true), name, fingerprint);

    private static async Task<string?> FetchAsync(Stream transport, string name, string fingerprint)
    {
        await using var stream = new SslStream(transport, false, (_, certificate, _, _) => certificate!.GetCertHashString() == fingerprint);
        try
        {
            await stream.AuthenticateAsClientAsync(name);
            await stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync()).Split("\r\n\r\n")[1];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
