using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Flows;
using PolicyProxy.TestKit.Http2;
using static PolicyProxy.Sidecar.Tests.Terminating.Http2Bench;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>
/// Field sections that are malformed (RFC 9113 §8.1.1 to §8.3.1), that the relay refuses over HTTP/1.1, or that try to show policy another request than the
/// origin. Each is sent to an origin of either version; none arrives.
/// </summary>
public sealed class RequestFieldTests
{
    private const string Smuggled = "GET /no HTTP/1.1\r\nHost: a.example\r\n\r\n";

    private static readonly (string, string)[] s_good = [(":method", "GET"), (":scheme", "http"), (":path", "/ok"), (":authority", Host)];

    private static readonly (string Name, string Outcome, byte[] Block)[] s_cases =
    [
        // pseudo-header fields
        ("no method", "RST Protocol", Without(":method")),
        ("no scheme", "RST Protocol", Without(":scheme")),
        ("no path", "RST Protocol", Without(":path")),
        ("no authority", "400", Without(":authority")),
        ("two methods", "GOAWAY Protocol", HpackBlock.Of([.. s_good, (":method", "GET")])),
        ("two paths", "GOAWAY Protocol", HpackBlock.Of([.. s_good, (":path", "/no")])),
        ("two authorities", "GOAWAY Protocol", HpackBlock.Of([.. s_good, (":authority", "b.example")])),
        ("two schemes", "GOAWAY Protocol", HpackBlock.Of([.. s_good, (":scheme", "http")])),
        ("path behind a field", "GOAWAY Protocol", HpackBlock.Of([s_good[0], s_good[1], s_good[3], ("a", "b"), s_good[2]])),
        ("second path behind a field", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("a", "b"), (":path", "/no")])),
        ("status in a request", "GOAWAY Protocol", HpackBlock.Of([.. s_good, (":status", "200")])),
        ("unknown pseudo-header field", "GOAWAY Protocol", HpackBlock.Of([.. s_good, (":host", Host)])),
        ("protocol without CONNECT", "RST Protocol", HpackBlock.Of([.. s_good, (":protocol", "websocket")])),
        ("upper-case pseudo-header field", "GOAWAY Protocol", HpackBlock.Of([.. s_good, (":Path", "/no")])),
        ("empty path", "RST Protocol", With(":path", "")),
        ("path without slash", "RST Protocol", With(":path", "ok")),
        ("absolute form", "RST Protocol", With(":path", "http://a.example/ok")),
        ("absolute form of another host", "RST Protocol", With(":path", "http://b.example/ok")),
        ("asterisk form", "400", HpackBlock.Of((":method", "OPTIONS"), s_good[1], (":path", "*"), s_good[3])),
        ("scheme https", "RST Protocol", With(":scheme", "https")),
        ("mixed-case scheme", "RST Protocol", With(":scheme", "HttPs")),
        ("scheme with a path", "RST Protocol", With(":scheme", "http://a.example/no?")),
        ("empty scheme", "RST Protocol", With(":scheme", "")),
        ("empty method", "RST Protocol", With(":method", "")),
        ("method with a space", "RST Protocol", With(":method", "GET /no HTTP/1.1")),
        ("method with a line end", "GOAWAY Protocol", With(":method", "GET\r\nX: y")),
        ("method in lower case", "403", With(":method", "get")),

        // the path
        ("line end in the path", "GOAWAY Protocol", With(":path", "/ok HTTP/1.1\r\nHost: b\r\n\r\nGET /no")),
        ("space in the path", "400", With(":path", "/ok /no")),
        ("NUL in the path", "GOAWAY Protocol", With(":path", "/ok\0/no")),
        ("escaped NUL in the path", "RST Protocol", With(":path", "/ok/%00")),
        ("fragment", "400", With(":path", "/ok/#/../../no")),
        ("byte outside ASCII", "GOAWAY Protocol", With(":path", "/ok/\u00e9")),
        ("percent sign without escape", "400", With(":path", "/ok/%zz")),
        ("dot segments", "400", With(":path", "/ok/../no")),
        ("escaped dot segments", "400", With(":path", "/ok/%2e%2e/no")),
        ("escaped slash", "400", With(":path", "/ok/..%2fno")),
        ("double escape", "400", With(":path", "/ok/%252e%252e%252fno")),
        ("backslash", "400", With(":path", "/ok/..\\no")),
        ("path parameters", "400", With(":path", "/ok/..;/no")),
        ("path over the limit", "414", With(":path", "/ok/" + new string('a', 9000))),

        // the host
        ("host beside authority", "403", HpackBlock.Of([.. With(s_good, ":authority", "b.example"), ("host", Host)])),
        ("two hosts", "RST Protocol", HpackBlock.Of([s_good[0], s_good[1], s_good[2], ("host", Host), ("host", "b.example")])),
        ("empty authority", "400", With(":authority", "")),
        ("userinfo", "RST Protocol", With(":authority", "a.example@b.example")),
        ("line end in the authority", "GOAWAY Protocol", With(":authority", "a.example\r\nX: y")),
        ("NUL in the authority", "GOAWAY Protocol", With(":authority", "a.example\0b.example")),
        ("space in the authority", "RST Protocol", With(":authority", "a.example b.example")),
        ("two authorities in one", "RST Protocol", With(":authority", "a.example,b.example")),
        ("port without digits", "RST Protocol", With(":authority", "a.example:")),
        ("slash in the authority", "RST Protocol", With(":authority", "b.example/a.example")),
        ("upper-case authority", "403", With(":authority", "A.example")),
        ("trailing dot in the authority", "403", With(":authority", "a.example.")),

        // fields
        ("upper-case name", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("X-Team", "a")])),
        ("empty name", "GOAWAY Compression", HpackBlock.Of([.. s_good, ("", "a")])),
        ("name with a colon", "400", HpackBlock.Of([.. s_good, ("a:b", "a")])),
        ("name with a space", "400", HpackBlock.Of([.. s_good, ("a ", "a")])),
        ("name with a line end", "400", HpackBlock.Of([.. s_good, ("a: b\r\nc", "a")])),
        ("name with a byte outside ASCII", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("\u00e9", "a")])),
        ("line end in a value", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("a", "b\r\nx-user: admin")])),
        ("line feed in a value", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("a", "b\nx-user: admin")])),
        ("carriage return in a value", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("a", "b\rx-user: admin")])),
        ("NUL in a value", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("a", "b\0c")])),
        ("control byte in a value", "400", HpackBlock.Of([.. s_good, ("a", "b\u0001c")])),
        ("bytes in a value that are no UTF-8", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("a", "\u00ff\u00fe")])),
        ("connection", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("connection", "x-user")])),
        ("keep-alive", "400", HpackBlock.Of([.. s_good, ("keep-alive", "timeout=5")])),
        ("proxy-connection", "400", HpackBlock.Of([.. s_good, ("proxy-connection", "close")])),
        ("transfer-encoding", "400", HpackBlock.Of([.. s_good, ("transfer-encoding", "chunked")])),
        ("upgrade", "400", HpackBlock.Of([.. s_good, ("upgrade", "h2c")])),
        ("http2-settings", "400", HpackBlock.Of([.. s_good, ("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA")])),
        ("te gzip", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("te", "gzip")])),
        ("te trailers and chunked", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("te", "trailers, chunked")])),
        ("two lengths", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("content-length", "0"), ("content-length", "5")])),
        ("length of two numbers", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("content-length", "0, 0")])),
        ("length over 64 bits", "GOAWAY Protocol", HpackBlock.Of([.. s_good, ("content-length", "18446744073709551616")])),
        ("imitated length", "400", HpackBlock.Of([.. s_good, ("content_length", "0")])),
        ("imitated field", "400", HpackBlock.Of([.. s_good, ("x-user", "a"), ("x_user", "b")])),
        ("expectation", "417", HpackBlock.Of([.. s_good, ("expect", "200-ok")])),
        ("override of the method", "400", HpackBlock.Of([.. s_good, ("x-http-method-override", "DELETE")])),
        ("override of the path", "400", HpackBlock.Of([.. s_good, ("x-original-url", "/no")])),
        ("101 fields", "431", HpackBlock.Of([.. s_good, .. Enumerable.Range(0, 101).Select(static i => ($"a{i}", "b"))])),

        // tunnels (RFC 9110 §9.3.6, RFC 8441)
        ("CONNECT", "400", HpackBlock.Of((":method", "CONNECT"), (":authority", Host))),
        ("CONNECT with a path", "RST Protocol", HpackBlock.Of((":method", "CONNECT"), s_good[1], s_good[2], s_good[3])),
        ("extended CONNECT of another protocol", "501", HpackBlock.Of((":method", "CONNECT"), (":protocol", "connect-udp"), s_good[1], s_good[2], s_good[3])),
        ("extended CONNECT without path", "RST Protocol", HpackBlock.Of((":method", "CONNECT"), (":protocol", "websocket"), s_good[1], s_good[3])),
        ("WebSocket to a denied path", "403", HpackBlock.Of((":method", "CONNECT"), (":protocol", "websocket"), s_good[1], (":path", "/no"), s_good[3], ("sec-websocket-version", "13"))),
        ("WebSocket to a denied host", "403", HpackBlock.Of((":method", "CONNECT"), (":protocol", "websocket"), s_good[1], s_good[2], (":authority", "b.example"), ("sec-websocket-version", "13"))),
    ];

    [Theory]
    [InlineData(HttpProtocols.Http2)]
    [InlineData(HttpProtocols.Http1)]
    public async Task Malformed_or_forbidden_request_is_refused_and_does_not_arrive(HttpProtocols upstream)
    {
        await using var bench = await StartAsync(upstream);
        var wrong = new List<string>();
        var dropped = 0;
        foreach (var (name, outcome, block) in s_cases)
        {
            var answer = await bench.AskAsync(block);
            var flows = bench.Drops() - dropped;
            dropped += flows;
            if (answer.Outcome != outcome || flows != 1)
            {
                wrong.Add($"{name}: {answer.Outcome}, {flows} flows {answer.Body}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(bench.Upstream.Received);
        await bench.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("content-length", "+0", "content-length: 0")]
    [InlineData("content-length", "00", "content-length: 0")]
    [InlineData("host", "b.example", "")] // Kestrel replaces it by :authority, which is judged
    [InlineData("te", "trailers", "")]
    [InlineData("a", "\u00c3\u00a9", "a: \u00e9")] // UTF-8
    public async Task What_is_tidied_up_arrives_as_it_was_judged(string name, string value, string arrives)
    {
        foreach (var upstream in new[] { HttpProtocols.Http2, HttpProtocols.Http1 })
        {
            await using var bench = await StartAsync(upstream);

            var answer = await bench.AskAsync(Get("/ok", (name, value)));

            Assert.Equal("200", answer.Outcome);
            var received = Assert.Single(bench.Upstream.Received).Split('\n').Skip(1);
            Assert.Equal(arrives.Length == 0 ? ["host: a.example"] : new[] { arrives, "host: a.example" }.Order(StringComparer.Ordinal), received.Where(static line => !line.StartsWith("te:", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http2)]
    [InlineData(HttpProtocols.Http1)]
    public async Task Body_that_does_not_fit_its_length_never_makes_a_second_request(HttpProtocols upstream)
    {
        await using var bench = await StartAsync(upstream);
        foreach (var (length, body) in new[] { ("0", Smuggled), ("5", Smuggled), ("500", Smuggled) })
        {
            using var connection = await bench.ConnectAsync();
            var stream = await connection.OpenAsync(Post("/ok/upload", ("content-length", length)), ends: false);
            await connection.WriteAsync(Http2Frame.Data(stream, Encoding.ASCII.GetBytes(body), ends: true));

            var answer = await connection.AnswerAsync(stream);

            // A request without content is over at the origin before anything is wrong with it.
            Assert.True(answer.Outcome is "RST Protocol" || (length == "0" && answer.Status == 200), $"{length}: {answer.Outcome}");
        }

        Assert.DoesNotContain(bench.Upstream.Received, static request => request.Contains("/no", StringComparison.Ordinal));
        await bench.AssertHealthyAsync();
    }

    [Theory]
    [InlineData(":path", "/no")]
    [InlineData("host", "b.example")]
    [InlineData("content-length", "0")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("x-http-method-override", "DELETE")]
    public async Task Trailers_of_a_request_stay_behind(string name, string value)
    {
        foreach (var upstream in new[] { HttpProtocols.Http2, HttpProtocols.Http1 })
        {
            await using var bench = await StartAsync(upstream);
            using var connection = await bench.ConnectAsync();
            var stream = await connection.OpenAsync(Post("/ok"), ends: false);
            await connection.WriteAsync(Http2Frame.Data(stream, "ab"u8.ToArray(), ends: false), Http2Frame.Headers(stream, HpackBlock.Of((name, value))));

            _ = await connection.AnswerAsync(stream);

            Assert.All(bench.Upstream.Received, static request => Assert.Equal(["host: a.example"], request.Split('\n').Skip(1).Where(static line => line != "transfer-encoding: chunked")));
            await bench.AssertHealthyAsync();
        }
    }

    [Fact]
    public async Task Refusal_leaves_a_flow()
    {
        await using var bench = await StartAsync();

        _ = await bench.AskAsync(Get("/ok", ("transfer-encoding", "chunked")));

        var flow = Assert.Single(bench.Seen(), static flow => flow.Verdict == FlowVerdict.Dropped);
        Assert.Contains("RFC 9113", flow.Note, StringComparison.Ordinal);
    }

    private static byte[] Without(string name) => HpackBlock.Of(s_good.Where(field => field.Item1 != name));

    private static byte[] With(string name, string value) => HpackBlock.Of(With(s_good, name, value));

    private static IEnumerable<(string, string)> With(IEnumerable<(string, string)> fields, string name, string value) =>
        fields.Select(field => field.Item1 == name ? (name, value) : field);
}
