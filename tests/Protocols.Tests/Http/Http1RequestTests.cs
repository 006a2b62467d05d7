using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1RequestTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1", "a", "GET", "/", "a", Http1TargetForm.Origin)]
    [InlineData("get /A HTTP/1.1", "A.example", "get", "/A", "A.example", Http1TargetForm.Origin)]
    [InlineData("M-SEARCH /a?b=c&d=%20 HTTP/1.1", "a:8080", "M-SEARCH", "/a?b=c&d=%20", "a:8080", Http1TargetForm.Origin)]
    [InlineData("GET //a/../b;c?d?e HTTP/1.1", "[::1]:80", "GET", "//a/../b;c?d?e", "[::1]:80", Http1TargetForm.Origin)]
    [InlineData("GET /{a}|\"<x>\"\\ HTTP/1.1", "a_b-c.d", "GET", "/{a}|\"<x>\"\\", "a_b-c.d", Http1TargetForm.Origin)]
    [InlineData("GET http://a/b?c HTTP/1.1", "a", "GET", "/b?c", "a", Http1TargetForm.Absolute)]
    [InlineData("GET HTTP://a:1/ HTTP/1.1", "a:1", "GET", "/", "a:1", Http1TargetForm.Absolute)]
    [InlineData("GET hTTps://[::1]/x HTTP/1.1", "[::1]", "GET", "/x", "[::1]", Http1TargetForm.Absolute)]
    [InlineData("GET http://a HTTP/1.1", "a", "GET", "/", "a", Http1TargetForm.Absolute)]
    [InlineData("GET http://a//b HTTP/1.1", "a", "GET", "//b", "a", Http1TargetForm.Absolute)]
    [InlineData("OPTIONS * HTTP/1.1", "a", "OPTIONS", "*", "a", Http1TargetForm.Asterisk)]
    [InlineData("OPTIONS http://a/ HTTP/1.1", "a", "OPTIONS", "/", "a", Http1TargetForm.Absolute)]
    [InlineData("CONNECT a:443 HTTP/1.1", "a:443", "CONNECT", "a:443", "a:443", Http1TargetForm.Authority)]
    [InlineData("CONNECT a:443 HTTP/1.1", "a", "CONNECT", "a:443", "a:443", Http1TargetForm.Authority)]
    [InlineData("CONNECT [::1]:443 HTTP/1.1", "[::1]", "CONNECT", "[::1]:443", "[::1]:443", Http1TargetForm.Authority)]
    [InlineData("GET / HTTP/1.1", "a.b.", "GET", "/", "a.b.", Http1TargetForm.Origin)]
    [InlineData("GET / HTTP/1.1", "10.0.0.1:65535", "GET", "/", "10.0.0.1:65535", Http1TargetForm.Origin)]
    [InlineData("GET / HTTP/1.1", "\t a \t", "GET", "/", "a", Http1TargetForm.Origin)]
    [InlineData("GET / HTTP/1.1", "[::ffff:10.0.0.1]", "GET", "/", "[::ffff:10.0.0.1]", Http1TargetForm.Origin)]
    public void Http1Request_line_and_host_are_read_as_sent(string line, string host, string method, string path, string authority, Http1TargetForm form)
    {
        var request = Parse(line, "Host:" + host);
        Assert.Equal(method, request.Method);
        Assert.Equal(path, request.Path);
        Assert.Equal(authority, request.Authority);
        Assert.Equal(form, request.Form);
        Assert.Equal(line.Contains("hTTps", StringComparison.Ordinal) ? "https" : "http", request.Scheme);
        Assert.Equal("HTTP/1.1", request.Protocol);
    }

    [Theory]
    [InlineData("X_Team: a")]
    [InlineData("X_Team: a\r\nx_team: b")]
    [InlineData("X_Team: a\r\nXTeam: b")]
    [InlineData("X_Team: a\r\nX-Tear: b")]
    [InlineData("X_Team: a\r\nX-Team-: b")]
    [InlineData("api.version: 1\r\napi-key: 2")]
    public void Http1Request_unusual_names_are_accepted_if_none_imitates_another(string fields) => Parse("GET / HTTP/1.1", "Host: a", fields);

    [Theory]
    [InlineData("X: y", Http1BodyKind.None, 0)]
    [InlineData("Content-Length: 0", Http1BodyKind.None, 0)]
    [InlineData("Content-Length: 1", Http1BodyKind.Length, 1)]
    [InlineData("content-length:\t 42 ", Http1BodyKind.Length, 42)]
    [InlineData("CONTENT-LENGTH: 9223372036854775807", Http1BodyKind.Length, long.MaxValue)]
    [InlineData("Transfer-Encoding: chunked", Http1BodyKind.Chunked, 0)]
    [InlineData("transfer-encoding:CHUNKED", Http1BodyKind.Chunked, 0)]
    [InlineData("Transfer-Encoding: \tChunked\t ", Http1BodyKind.Chunked, 0)]
    public void Http1Request_framing_is_read(string field, Http1BodyKind kind, long length)
    {
        var request = Parse("POST / HTTP/1.1", "Host: a", field);
        Assert.Equal(kind, request.BodyKind);
        Assert.Equal(length, request.ContentLength);
    }

    [Theory]
    [InlineData("HTTP/1.1", "X: y", true)]
    [InlineData("HTTP/1.1", "Connection: close", false)]
    [InlineData("HTTP/1.1", "Connection: CLOSE", false)]
    [InlineData("HTTP/1.1", "Connection: x, ,close", false)]
    [InlineData("HTTP/1.1", "Connection: x\r\nConnection: close", false)]
    [InlineData("HTTP/1.1", "Connection: keep-alive, close", false)]
    [InlineData("HTTP/1.1", "Connection: closed", true)]
    [InlineData("HTTP/1.1", "Connection:", true)]
    [InlineData("HTTP/1.0", "X: y", false)]
    [InlineData("HTTP/1.0", "Connection: Keep-Alive", true)]
    [InlineData("HTTP/1.0", "Connection: keep-alive, close", false)]
    public void Http1Request_persistence_follows_version_and_options(string version, string field, bool keepAlive) =>
        Assert.Equal(keepAlive, Parse("GET / " + version, "Host: a", field).KeepAlive);

    [Theory]
    [InlineData("HTTP/1.1", "Content-Length: 1", true)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked", true)]
    [InlineData("HTTP/1.1", "Content-Length: 0", false)]
    [InlineData("HTTP/1.1", "X: y", false)]
    [InlineData("HTTP/1.0", "Content-Length: 1", false)]
    public void Http1Request_expectation_counts_only_with_a_body_in_1_1(string version, string field, bool expected) =>
        Assert.Equal(expected, Parse("PUT / " + version, "Host: a", "Expect: 100-Continue", field).ExpectContinue);

    [Theory]
    [InlineData("websocket", Http1Upgrade.WebSocket)]
    [InlineData("WebSocket", Http1Upgrade.WebSocket)]
    [InlineData("h2c", Http1Upgrade.Http2)]
    [InlineData("websocket, H2C", Http1Upgrade.Http2)]
    [InlineData("HTTP/2.0", Http1Upgrade.Http2)]
    [InlineData("tcp", Http1Upgrade.Other)]
    [InlineData("websocket, x/1", Http1Upgrade.Other)]
    [InlineData("TLS/1.2", Http1Upgrade.Other)]
    public void Http1Request_upgrade_is_sorted_with_and_without_its_option(string protocols, Http1Upgrade upgrade)
    {
        Assert.Equal(upgrade, Parse("GET / HTTP/1.1", "Host: a", "Upgrade: " + protocols).Upgrade);
        Assert.False(Parse("GET / HTTP/1.1", "Host: a", "Upgrade: " + protocols).HasUpgradeOption);
        Assert.True(Parse("GET / HTTP/1.1", "Host: a", "Upgrade: " + protocols, "Connection: keep-alive, Upgrade").HasUpgradeOption);
    }

    [Fact]
    public void Http1Request_of_version_1_0_needs_no_host()
    {
        var request = Parse("GET / HTTP/1.0");
        Assert.Equal("HTTP/1.0", request.Protocol);
        Assert.Equal("", request.Authority);
        Assert.False(request.HasHeader(":authority"));
        Assert.False(request.HeaderEquals(":authority", ""));
    }

    [Fact]
    public void Http1Request_fields_are_listed_in_order_with_their_place()
    {
        var head = Http1Heads.Of("GET / HTTP/1.1", "Host: a", "X-A:1", "x-a: \t2\t ", "Empty:", "Caf: \xE9");
        Assert.True(Http1Request.TryParse(head, HttpLimits.Default, new char[64], out var request, out _));
        var seen = new List<string>();
        foreach (var field in request.Fields)
        {
            seen.Add($"{Text(field.Name)}={Text(field.Value)}|{Text(head.AsSpan(field.LineOffset, field.LineBytes))}");
        }

        Assert.Equal(["Host=a|Host: a\r\n", "X-A=1|X-A:1\r\n", "x-a=2|x-a: \t2\t \r\n", "Empty=|Empty:\r\n", "Caf=\xE9|Caf: \xE9\r\n"], seen);
    }

    [Theory]
    [InlineData("x-a", "1,2,3", true)]
    [InlineData("x-a", "1", false)]
    [InlineData("x-a", "1,2", false)]
    [InlineData("x-a", "1,2,", false)]
    [InlineData("x-a", "1,2,3,", false)]
    [InlineData("x-a", "", false)]
    [InlineData("x-b", "v", true)]
    [InlineData("x-b", "V", false)]
    [InlineData("x-b", "vv", false)]
    [InlineData("empty", "", true)]
    [InlineData("empty", ",", false)]
    [InlineData("absent", "", false)]
    [InlineData("utf", "caf\u00E9 \U0001F600", true)]
    [InlineData("utf", "caf\u00E9", false)]
    [InlineData("latin", "caf\u00E9", false)]
    [InlineData(":path", "/p", true)]
    [InlineData(":method", "GET", true)]
    [InlineData(":authority", "a", true)]
    [InlineData(":scheme", "http", true)]
    [InlineData(":status", "", false)]
    [InlineData("host", "a", true)]
    public void Http1Request_joined_values_are_compared(string name, string value, bool equal) =>
        Assert.Equal(equal, Fields().HeaderEquals(name, value));

    [Theory]
    [InlineData("x-a", "1,2", true)]
    [InlineData("x-a", "1,2,3", true)]
    [InlineData("x-a", "1,2,3,", false)]
    [InlineData("x-a", "2", false)]
    [InlineData("x-b", "v", true)]
    [InlineData("empty", "", true)]
    [InlineData("absent", "", false)]
    [InlineData("content-type", "application/grpc", true)]
    [InlineData("content-type", "application/grpc+protox", false)]
    [InlineData("utf", "CAF\u00E9", true)]
    [InlineData(":path", "/", true)]
    public void Http1Request_joined_values_are_compared_by_prefix(string name, string prefix, bool starts) =>
        Assert.Equal(starts, Fields().HeaderStartsWith(name, prefix));

    [Theory]
    [InlineData("x-a", true)]
    [InlineData("empty", true)]
    [InlineData("x-", false)]
    [InlineData("absent", false)]
    [InlineData(":method", true)]
    [InlineData(":status", false)]
    public void Http1Request_presence_is_told(string name, bool present) => Assert.Equal(present, Fields().HasHeader(name));

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private static Http1Request Fields() => Parse(
        "GET /p HTTP/1.1", "Host: a", "X-A: 1", "X-B: v", "x-a: 2", "Empty:", "X-A: 3", "Utf: caf\xC3\xA9 \xF0\x9F\x98\x80", "Latin: caf\xE9",
        "Content-Type: Application/gRPC+proto");

    private static Http1Request Parse(params string[] lines)
    {
        Assert.True(Http1Request.TryParse(Http1Heads.Of(lines), HttpLimits.Default, new char[256], out var request, out var error), error.ToString());
        return request;
    }
}
