using System.Text;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests;

/// <summary>What the other tests rely on: every origin reports what it understood, in order, and nothing else.</summary>
public sealed class OriginTests
{
    private const string Pipelined =
        "GET /first?a=1 HTTP/1.1\r\nHost: one.example\r\nX-Team: a\r\nX-Team: b\r\n\r\n"
        + "POST /second HTTP/1.1\r\nHost: two.example:81\r\nContent-Length: 5\r\n\r\nhello"
        + "PUT /third/./x/..//y HTTP/1.1\r\nHost: three\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
        + "HEAD /fourth HTTP/1.1\r\nHost: four\r\nConnection: close\r\n\r\n";

    public static TheoryData<OriginKind> Kinds { get; } = [.. Enum.GetValues<OriginKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Origin_reports_each_request_of_a_connection_in_order(OriginKind kind)
    {
        await using var origin = await Origin.StartAsync(kind);

        var answers = (await OriginClient.ExchangeAsync(origin.Address, Encoding.Latin1.GetBytes(Pipelined))).Answers;
        await origin.SettleAsync();

        var seen = answers.Select(static answer => answer.Seen!).ToList();
        Assert.Equal(
            [
                ("GET", "/first?a=1", "one.example", 0, OriginRequest.Digest([])),
                ("POST", "/second", "two.example:81", 5, OriginRequest.Digest("hello"u8)),
                ("PUT", "/third/./x/..//y", "three", 5, OriginRequest.Digest("abcde"u8)),
                ("HEAD", "/fourth", "four", 0, OriginRequest.Digest([])),
            ],
            seen.Select(static request => (request.Method, request.Target, request.Host, request.BodyBytes, request.BodyDigest)));
        Assert.Equal("/first", seen[0].Path);
        Assert.Equal("a,b", string.Join(",", seen[0].Values("x-team")).Replace(", ", ",", StringComparison.Ordinal));
        Assert.Single(seen.Select(static request => request.ClientPort).Distinct());
        Assert.Equal(seen.Select(static request => request.ToSeen()), origin.Log.From(0).Where(static request => !Origin.IsBarrier(request)).Select(static request => request.ToSeen()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Origin_reports_nothing_for_a_request_it_refuses(OriginKind kind)
    {
        await using var origin = await Origin.StartAsync(kind);

        var exchange = await OriginClient.ExchangeAsync(origin.Address, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"u8.ToArray());
        await origin.SettleAsync();

        Assert.Equal([(400, null)], exchange.Answers.Select(static answer => (answer.Status, answer.Seen)));
        Assert.All(origin.Log.From(0), static request => Assert.True(Origin.IsBarrier(request)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Origin_takes_long_heads_and_bodies(OriginKind kind)
    {
        await using var origin = await Origin.StartAsync(kind);
        var path = "/" + new string('p', 4_000);
        var body = new string('b', 100_000);
        var request = $"POST {path} HTTP/1.1\r\nHost: a\r\nX-Long: {new string('x', 7_000)}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

        var exchange = await OriginClient.ExchangeAsync(origin.Address, Encoding.Latin1.GetBytes(request));

        Assert.Equal([(path, 100_000)], exchange.Answers.Select(static answer => (answer.Seen?.Target, answer.Seen?.BodyBytes ?? -1)));
    }

    [Fact]
    public async Task Missing_program_is_named_with_its_package()
    {
        var program = new OriginProgram { Name = "no-such-server", Package = "no-such-package", Arguments = [], Configuration = "nginx.conf" };

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => OriginProcess.StartAsync(program, static _ => { }));

        Assert.Equal("no-such-server is needed: install the Debian package no-such-package", error.Message);
    }
}
