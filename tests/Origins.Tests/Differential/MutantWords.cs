namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>The material that mutants are made of. Everything here was once read in two ways by two servers, or is often sent by clients.</summary>
internal static class MutantWords
{
    public static IReadOnlyList<string> Methods { get; } =
    [
        "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "SEARCH", "MKCOL", "TRACE", "get", "Get", "M-SEARCH", "FOO", "GET_X",
        "G.ET", "PRI", "*GET", "BREW",
    ];

    public static IReadOnlyList<string> Targets { get; } =
    [
        "/", "/a", "/a/b/c", "/index.html", "/a?b=c", "/a?b=c&d=e%20f", "/a?", "/?", "/a?b?c", "/a?/../b", "/a?b;c", "/a?#", "/a%3Fb", "/a?%23", "/a?b=http://c/d",
        "//", "//a", "//a/b", "/a//b", "/a/./b", "/a/../b", "/a/..", "/..", "/../a", "/.", "/a/.", "/...", "/a/.../b", "/.a", "/a.", "/%2e%2e/a", "/a/%2e%2e/b", "/a/.%2e/b",
        "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "\\a", "/a/..%2fb", "/a/..%5cb", "/a%252fb", "/a%252e%252e/b", "/a;b=c", "/a;/b", "/a;b/../c", "/;a", "/a;", "/..;/a",
        "/a/..;/b", "/a%3bb", "/a%00b", "/a%0d%0ab", "/a%", "/a%2", "/a%zz", "/a%u002f", "/%c0%af", "/%e2%82%ac", "/a+b", "/a%20b", "/~a", "/a*b", "/*", "*", "/a:b", "/a@b",
        "/a,b", "/a|b", "/a{b}", "/a[b]", "/a^b", "/a`b", "/a\"b", "/a<b>", "/a'b", "/a!b", "/a$b", "/(a)", "/a=b", "/A", "/a#b", "/a b", "/a\tb", "/\xE9", "a", "?a", "",
        "/HTTP/1.1", "/a%20HTTP/1.1", "http://h/a", "http://h", "http://h/", "HTTP://h/a", "https://h/a", "hTTp://h//a/../b", "http://h?a", "http://h:80/a", "http://u@h/a",
        "http://h/a#b", "http:/h/a", "http:///a", "http://h\\a", "ftp://h/a", "h:80", "//h/a", "http://[::1]/a",
    ];

    public static IReadOnlyList<string> Hosts { get; } =
    [
        "h", "h", "a.example", "A.Example", "a.example.", "a.example:80", "a.example:8080", "h:443", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:80", "localhost", "x_y", "x~y",
        "a-b.c", "xn--nxasmq6b", "1.2.3", "0x7f.1", "h:0", "h:", "h:080", "h:99999", "h h", "h,h", "u@h", "h/a", "h?a", "h#a", "h\\a", ".h", "h..h", "[::1", "::1", "*.h", "%68",
        "h%00", "h;a", "h\t", "", "a\xE9", "-h", "h-", "2130706433", "H",
    ];

    /// <summary>Lines that every server reads alike.</summary>
    public static IReadOnlyList<string> PlainFields { get; } =
    [
        "Accept: */*", "Accept: text/html,application/xhtml+xml;q=0.9", "User-Agent: curl/8.5.0", "Accept-Encoding: gzip, deflate, br", "Cookie: a=b; c=d", "Cookie: e=f",
        "X-Team: red", "X-Team: blue", "x-team: red, blue", "X-TEAM:\tgreen\t", "X-Team:", "X-Team:red", "X-Team:   red   ", "X-Team: a:b", "X-Team: \"a, b\"", "X-Team: a;b=c",
        "X_Team: red", "X.Team: red", "X-Team-: red", "X-Empty:", "X-Empty: ", "X-Bytes: caf\xC3\xA9", "X-Bytes: \xE9\xFF", "X-Quoted: \"a\\\"b\"", "Content-Type: application/json",
        "Connection: keep-alive", "Connection: Keep-Alive", "Connection: close", "Connection: x-drop", "Connection: keep-alive, x-drop", "Connection:", "Connection: ,", "Connection: TE",
        "Keep-Alive: timeout=5", "TE: trailers", "TE: deflate;q=0.5", "Trailer: X-Sum", "Expect: 100-continue", "expect: 100-Continue", "Via: 1.1 x", "X-Forwarded-For: 10.0.0.1",
        "Authorization: Basic dTpw", "If-None-Match: \"x\"", "Range: bytes=0-", "Upgrade-Insecure-Requests: 1", "Proxy-Connection: keep-alive", "Date: x", "Max-Forwards: 0",
        "Upgrade: websocket", "Connection: upgrade\r\nUpgrade: websocket", "Connection: Upgrade\r\nUpgrade: foo/1", "Transfer-Encodings: chunked", "Content-Lengths: 5",
        "!#$%&'*+-.^_`|~: x", "0: x", "Content-Encoding: chunked", "Warning: transfer-encoding: chunked", "Referer: http://h/a#b",
    ];

    /// <summary>Lines that decide where a request ends, or that look as if they did.</summary>
    public static IReadOnlyList<string> FramingFields { get; } =
    [
        "Content-Length: 0", "Content-Length: 5", "content-length: 3", "CONTENT-LENGTH:4", "Content-Length: 05", "Content-Length: +5", "Content-Length: -1", "Content-Length: 5,5",
        "Content-Length: 5, 6", "Content-Length: 0x5", "Content-Length: 5 ", "Content-Length:\t5", "Content-Length: 5\v", "Content-Length: 5\0", "Content-Length:", "Content-Length: 1e1",
        "Content-Length: 18446744073709551621", "Content-Length: 4294967301", "Content-Length: \"5\"", "Content-Length : 5", "Content-Length\t: 5", " Content-Length: 5",
        "Content_Length: 5", "Content.Length: 5", "Content-Length;: 5", "Content-Length\r\n: 5", "X: y\nContent-Length: 5", "X: y\rContent-Length: 5", "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked", "transfer-encoding: CHUNKED", "Transfer-Encoding:chunked", "Transfer-Encoding: chunked ", "Transfer-Encoding:\tchunked", "Transfer-Encoding: \vchunked",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunkedx", "Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: ,chunked", "Transfer-Encoding: chunked;a=b", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked", "Transfer_Encoding: chunked", "Transfer-Encoding:\r\n chunked", "X: y\r\n Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "Transfer-Encoding: \xFF" + "chunked", "Transfer-Encoding: chunk",
        "Transfer-Encoding\0: chunked", "Transfer-Encoding:\0chunked", "Transfer-Encoding: c\thunked", "TE: chunked", "Trailer: Content-Length", "Connection: content-length",
        "Connection: transfer-encoding", "Connection: close, host", "Connection: \"close\"", "Host: b", "host: h", "Host : b", " Host: b", "Host\0: b", ": x", ":", "X", "X Y: z", "\0: x",
        "X: a\0b", "X: a\x7F", "X: \x01", "Expect: 100-continue, x", "Expect: x", "Expect:", "Upgrade: h2c", "Upgrade: TLS/1.0", "HTTP2-Settings: AAAA",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", "GET /x HTTP/1.1", "X: y\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h",
        "X: y\n\nGET /smuggled HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
    ];

    public static IReadOnlyList<string> Bodies { get; } =
    [
        "", "x", "hello", "\r\n", "\r\n\r\n", "0\r\n\r\n", "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "\0\x01\xFF",
        "POST /smuggled HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n", "a=b&c=d", "{\"a\":1}", "\n", "\nGET / HTTP/1.1\n\n", "ffffffff\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];

    /// <summary>What can stand behind the size of a chunk.</summary>
    public static IReadOnlyList<string> ChunkExtensions { get; } =
    [
        ";a", ";a=b", ";a=\"b\"", ";a=b;c=d", "; a=b", ";a = b", " ;a=b", "\t;a", ";a=\"b;c\"", ";a=\"b\\\"c\"", ";", ";;", ";=b", ";a=", ";a=\"", ";a=\"\r\n\"", ";a=\nx", ";a\rx", ";\n", ";a\xE9",
        ";a=\"\n\"", " ", "\t", "x", "_", ".0", ",a", ";a\0", ";0\r", ";a=\"b", ";" + "0123456789abcdef", "\v", ";a=b ",
    ];

    public static IReadOnlyList<string> Trailers { get; } =
    [
        "X-Sum: 1\r\n", "X-Sum:\r\n", "X-A: b\r\nX-C: d\r\n", "x-team: red\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "X-Sum : 1\r\n", " X: y\r\n", "X: y\r\n z\r\n", "X\r\n",
        ": x\r\n", "X: y\n", "X: a\0\r\n", "GET /smuggled HTTP/1.1\r\n", "Authorization: x\r\n", "X-Bytes: \xE9\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n", "X-Method-Override: PUT\r\n", "ETag: \"x\"\r\n",
    ];

    /// <summary>Pieces that are put anywhere.</summary>
    public static IReadOnlyList<string> Pieces { get; } =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", "\v", "\f", "\x7F", "\x85", "\xA0", "\xE9", ":", ",", ";", "#", "@", "\\", "%2f", "%00", "..", "//", "\r\n ", "\r\n\t", "\r\n\r\n", "\n\n", "HTTP/1.0", "HTTP/1.1",
        "HTTP/0.9", "HTTP/2.0", "http://a", "chunked", "gzip, ", "_", "99999999999999999999", "GET /x HTTP/1.1\r\n", ": y\r\n", "0\r\n\r\n", "0", "1", "+", "-", "x",
    ];
}
