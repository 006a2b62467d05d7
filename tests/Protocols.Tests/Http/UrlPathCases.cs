namespace PolicyProxy.Protocols.Tests.Http;

/// <summary>Request-targets and how they have to be judged; the advisory that taught a shape stands beside it.</summary>
public static class UrlPathCases
{
    public static TheoryData<string> Canonical { get; } = new(
        "/", "/a", "/a/", "/a/b", "/a/b/", "/api/v1/users/12345", "/api/v1/users/12345?fields=name,mail&sort=-created",
        "/.well-known/acme-challenge/x", "/.git", "/..a", "/a..", "/...", "/a/.../b", "/a.b/c.d", "/.a/.b", "/a/..b/c", "/a./b",
        "/pkg.Service/Method", "/grpc.health.v1.Health/Check", "/a%20b", "/a%3Fb", "/a%23b", "/caf%C3%A9", "/%E2%82%AC", "/a%3Bb",
        "/100%25", "/100%25/x", "/a%25zz", "/a%2541", "/a%2520b", "/x%2525", "/%7B%7D", "/a+b", "/a:b@c", "/a,b", "/a=b&c", "/(a)",
        "/$batch", "/!a'b*", "/~user", "/a_b-c", "/{id}", "/a|b", "/a^b", "/a\"b", "/<x>", "/[1]", "/a`b",
        "/?", "/?q", "/a?b?c", "/a?//", "/a?../..", "/a?x=%2e%2e%2f", "/a?x=%", "/a?x=%zz", "/a?x=\\", "/a?;x", "/a?x=/./", "/a?/..",
        "/%80", "/%FF", "/%C3%28", "/%01", "/%0A", "/...%3B", "/a..%3B/b", "/a..%20/b", "/..a%20/b", "/%7F", "/A/B", "/ADMIN");

    public static TheoryData<string, string> Folded { get; } = new()
    {
        // CVE-2019-9901: Envoy matched before removing dot segments
        { "/a/../private", "/private" },
        { "/public/../admin", "/admin" },
        { "/public/../../admin", "/admin" },
        { "/../admin", "/admin" },
        { "/..", "/" },
        { "/a/..", "/" },
        { "/a/b/..", "/a/" },
        { "/a/./b", "/a/b" },
        { "/./a", "/a" },
        { "/.", "/" },
        { "/a/.", "/a/" },
        { "/./", "/" },
        { "/a/b/../../c", "/c" },
        { "/a/../b?x=/../y", "/b?x=/../y" },
        { "/a/../?q", "/?q" },
        { "/a/b/../c/./d", "/a/c/d" },

        // encoded dots: unreserved, so equal to plain ones (RFC 3986 §6.2.2.2)
        { "/public/%2e%2e/admin", "/admin" },
        { "/public/%2E%2E/admin", "/admin" },
        { "/public/.%2e/admin", "/admin" },
        { "/public/%2e./admin", "/admin" },
        { "/a/%2e/b", "/a/b" },
        { "/%2e%2e", "/" },
        { "/%2ewell-known", "/.well-known" },
        { "/a%2eb", "/a.b" },

        // CVE-2021-31920: Istio, duplicate slashes
        { "//admin", "/admin" },
        { "///admin", "/admin" },
        { "/a//b", "/a/b" },
        { "/a///b", "/a/b" },
        { "/a//", "/a/" },
        { "//", "/" },
        { "//evil.example/x", "/evil.example/x" },
        { "/a//b?c//d", "/a/b?c//d" },

        // CVE-2021-29492, CVE-2021-31920: escaped slashes
        { "/a%2Fb", "/a/b" },
        { "/a%2fadmin", "/a/admin" },
        { "/a%5Cb", "/a/b" },
        { "/a%5cadmin", "/a/admin" },
        { "/%2Fadmin", "/admin" },
        { "/%2f%2fadmin", "/admin" },
        { "/a/%2F/b", "/a/b" },
        { "/%2F", "/" },
        { "/a%2F%5Cb", "/a/b" },
        { "/a%2Fb?c%2Fd", "/a/b?c%2Fd" },

        // backslash, a separator for Envoy's normalize_path, browsers and IIS
        { "/a\\b", "/a/b" },
        { "/\\admin", "/admin" },
        { "/a\\", "/a/" },
        { "/a\\\\b", "/a/b" },

        // CVE-2026-73553, CVE-2026-73511: parameters of a segment
        { "/admin;x=y", "/admin" },
        { "/admin;x=y/users", "/admin/users" },
        { "/admin;/users", "/admin/users" },
        { "/;x/admin", "/admin" },
        { "/;/admin", "/admin" },
        { "/a;b;c=d/e", "/a/e" },
        { "/a;jsessionid=1?x=;y", "/a?x=;y" },
        { "/;", "/" },
        { "/a/;", "/a/" },
        { "/.;/a", "/a" },
        { "/a;x%2Fb", "/a/b" },
        { "/a;%20", "/a" },

        // unreserved characters and hex case
        { "/%61dmin", "/admin" },
        { "/%41", "/A" },
        { "/%7Euser", "/~user" },
        { "/%7euser", "/~user" },
        { "/a%2Db%5Fc", "/a-b_c" },
        { "/%31", "/1" },
        { "/a%3fb", "/a%3Fb" },
        { "/caf%c3%a9", "/caf%C3%A9" },
        { "/a%3bb", "/a%3Bb" },
        { "/%61%2fb%3a", "/a/b%3A" },
        { "/a%3F%2e%2e", "/a%3F.." },
    };

    public static TheoryData<string, ProtocolErrorCode> Refused { get; } = new()
    {
        { "", ProtocolErrorCode.HttpTargetForm },
        { "*", ProtocolErrorCode.HttpTargetForm },
        { "a", ProtocolErrorCode.HttpTargetForm },
        { "?q", ProtocolErrorCode.HttpTargetForm },
        { "\\a", ProtocolErrorCode.HttpTargetForm },
        { "%2Fa", ProtocolErrorCode.HttpTargetForm },
        { "http://host/a", ProtocolErrorCode.HttpTargetForm },
        { "host:443", ProtocolErrorCode.HttpTargetForm },

        // CVE-2021-32779 (Envoy), CVE-2021-39156 (Istio), CVE-2023-45539 (HAProxy): fragment
        { "/admin#", ProtocolErrorCode.HttpTargetFragment },
        { "/index.html#.png", ProtocolErrorCode.HttpTargetFragment },
        { "/a?b#c", ProtocolErrorCode.HttpTargetFragment },
        { "/#/../admin", ProtocolErrorCode.HttpTargetFragment },

        { "/a b", ProtocolErrorCode.HttpTargetControl },
        { "/a\tb", ProtocolErrorCode.HttpTargetControl },
        { "/a\r\nX: y", ProtocolErrorCode.HttpTargetControl },
        { "/a\0", ProtocolErrorCode.HttpTargetControl },
        { "/a\x7f", ProtocolErrorCode.HttpTargetControl },
        { "/a?b c", ProtocolErrorCode.HttpTargetControl },
        { "/a?\n", ProtocolErrorCode.HttpTargetControl },
        { "/é", ProtocolErrorCode.HttpTargetNonAscii },
        { "/a?é", ProtocolErrorCode.HttpTargetNonAscii },
        { "/\uff0e\uff0e/a", ProtocolErrorCode.HttpTargetNonAscii },
        { "/\ud800", ProtocolErrorCode.HttpTargetNonAscii },

        { "/%", ProtocolErrorCode.HttpTargetEscape },
        { "/%2", ProtocolErrorCode.HttpTargetEscape },
        { "/%zz", ProtocolErrorCode.HttpTargetEscape },
        { "/%2g", ProtocolErrorCode.HttpTargetEscape },
        { "/%u002e%u002e/", ProtocolErrorCode.HttpTargetEscape },
        { "/a%?b", ProtocolErrorCode.HttpTargetEscape },
        { "/%%32e", ProtocolErrorCode.HttpTargetEscape },
        { "/a;%/b", ProtocolErrorCode.HttpTargetEscape },

        { "/a%00", ProtocolErrorCode.HttpTargetNul },
        { "/admin%00.html", ProtocolErrorCode.HttpTargetNul },
        { "/a;%00/b", ProtocolErrorCode.HttpTargetNul },

        // dot segments for whoever decodes before looking for parameters, or trims names
        { "/public/..%3b/admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/..%3Bx=y/admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/%2e%2e%3b/admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/.%3b/b", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/..%20/b", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/..%09", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/..%0d%0a/b", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/.%2e%7f/b", ProtocolErrorCode.HttpTargetAmbiguous },

        // decoded twice
        { "/a/%252e%252e/b", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/%252e", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%252fb", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%252Fb", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%255cb", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%2500", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%25252e", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%2525252fb", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%25%32%65", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%252%65", ProtocolErrorCode.HttpTargetDoubleEscape },
        { "/a%25%32e", ProtocolErrorCode.HttpTargetDoubleEscape },

        // over-long UTF-8 (CVE-2000-0884)
        { "/%c0%ae%c0%ae/", ProtocolErrorCode.HttpTargetOverlong },
        { "/a%c0%afb", ProtocolErrorCode.HttpTargetOverlong },
        { "/a%C1%9Cb", ProtocolErrorCode.HttpTargetOverlong },
        { "/a%e0%80%af", ProtocolErrorCode.HttpTargetOverlong },
        { "/a%F0%80%80%AF", ProtocolErrorCode.HttpTargetOverlong },

        // climbing mixed with movable segment borders: readings differ beyond the two that are judged
        { "/public/a%2Fb/../../admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/..%2Fadmin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public%2F..%2Fadmin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/%2e%2e%2fadmin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/..%5Cadmin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public\\..\\admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/a\\b/../../admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/..;/admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/..;x=y/admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/%2e%2e;/admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a;b/../c", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/;/../admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public//../admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "//a/../admin", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/public/../admin//x", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/%2e%2e/../b", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/%2e/../b", ProtocolErrorCode.HttpTargetAmbiguous },
        { "/a/.;/../b", ProtocolErrorCode.HttpTargetAmbiguous },
    };
}
