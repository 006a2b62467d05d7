using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Targets that are public for one reader and lead to <c>/admin</c> for another.</summary>
internal static class PathCases
{
    private static readonly string[] s_separators = ["/", "//", "\\", "%2f", "%5C", "/./", "/;/", "%252f"];

    private static readonly (string Climb, string Advisory)[] s_climbs =
    [
        ("..", "CVE-2019-9901"), ("%2e%2e", "CVE-2019-9901"), (".%2E", "CVE-2019-9901"), ("%2e.", "CVE-2019-9901"), ("..;", "CVE-2026-73553"), ("..;a=b", "CVE-2026-73511"), ("%2e%2e;a", "CVE-2026-73511"),
        ("%252e%252e", ""), ("%25%32%65.", ""), ("..%00", ""), ("%c0%ae%c0%ae", ""), ("..%3b", "CVE-2026-73553"),
    ];

    public static IEnumerable<BypassCase> Climbs()
    {
        foreach (var (climb, advisory) in s_climbs)
        {
            foreach (var separator in s_separators)
            {
                var hasEscape = separator is "//" or "%2f" or "\\" or "%5C";
                foreach (var target in ((string[])[$"/public{separator}{climb}{separator}admin/a", $"/public/a{separator}{climb}/{climb}/admin/a", $"/public/{climb}{separator}admin/a"]).Distinct())
                {
                    yield return Of(target, hasEscape ? "CVE-2021-29492" : advisory);
                }
            }
        }
    }

    public static IEnumerable<BypassCase> Slashes()
    {
        foreach (var target in (string[])
            [
                "//admin/a", "///admin/a", "/\\admin/a", "\\admin\\a", "/%2fadmin/a", "/%2Fadmin%2Fa", "/%5cadmin/a", "/./admin/a", "/.//admin/a", "//public/../admin/a", "/%2e/admin/a", "//public//..//admin/a", "/admin/a",
                "/admin//a", "/ADMIN/a", "/Public/a", "/PUBLIC/a", "/public", "/publicx/a", "/public%2fa", "/public%2F..%2Fadmin/a", "/public\\..\\admin\\a", "/publi%63", "/%70ublic/../admin/a", "/%61dmin/a", "/%2561dmin/a",
                "//public/a", "/.public/a", "/public./a", "/public /a", "/public%20/a", "/public%09/a", "/public%0a/a", "/%0apublic/a", "/public%00/a", "/%00/public/a", "/admin/a%00/public/", "/admin/a?/public/", "/admin/a%3f/public/",
                "/admin/a%23/public/", "/admin/a;/public/", "/admin;/public/a", "/;/admin/a", "/public;/../admin/a", "/public;x=/../../admin/a", "/public;%2f..%2fadmin/a", "/;public/a", "/admin/..;/public/a",
                "/admin/../public/a/../../admin/a", "/public/%2e%2e%2fadmin/a", "/public/..%c0%af..%c0%afadmin/a", "/public/..%e0%80%afadmin/a", "/public/..%f0%80%80%afadmin/a", "/public/..%u2215admin/a", "/public/..%ef%bc%8fadmin/a",
                "/public/.%00./admin/a", "/public/..%0d/admin/a", "/public/..%0a/admin/a", "/public/..%09/admin/a", "/public/..%20/admin/a", "/public/...//admin/a", "/public/%%32%65%%32%65/admin/a", "/public/%2/../../admin/a", "/public/%/../../admin/a",
                "/public/%zz/../../admin/a", "/public/%u002e%u002e/admin/a", "/public/%uff0e%uff0e/admin/a", "/public/\xE9/../../admin/a", "/public/\xC0\xAF../../admin/a",
            ])
        {
            // Names with three dots and full-width signs are names like any other.
            yield return Of(target, "CVE-2021-31920", target.Contains("...", StringComparison.Ordinal) || target.Contains("%ef%bc%8f", StringComparison.Ordinal) ? 1 : 0);
        }
    }

    public static IEnumerable<BypassCase> Fragments()
    {
        foreach (var target in (string[])
            [
                "/admin/a#/public/", "/admin#/../public/a", "/public/#/../../admin/a", "/public/a#", "#/public/a", "/#/public/a", "/public/a?b#c", "/public/a?#/../../admin", "http://api.example/admin/a#/public/", "http://api.example#@admin.example/public/a",
                "http://api.example/#/public/a", "/public/%23/../../admin/a",
            ])
        {
            yield return Of(target, target.Length % 3 == 0 ? "CVE-2021-32779" : target.Length % 3 == 1 ? "CVE-2021-39156" : "CVE-2023-45539");
        }
    }

    public static IEnumerable<BypassCase> Patterns()
    {
        foreach (var target in (string[])
            [
                "/item-", "/item-x", "/item-1x", "/item-1/", "/item-1/admin", "/item-1%0a", "/item-1%0aadmin", "/item-1;admin", "/item-1%2fadmin", "/item-1?", "/item-1?x", "/x/item-1", "//item-1", "/item-1%00", "/item-%31", "/item-[0-9]+",
                "/item-1|/admin/a", "/item-.*", "/.*", "/admin/.*", "/*", "/public", "/publi", "/(public)/a", "/public|/admin/a", "/admin/a|/public/a", "/^public/a", "/public$/a",
            ])
        {
            yield return Of(target, "CVE-2025-46821");
        }

        foreach (var host in (string[])["apiXexample", "api-example", "api%2eexample", "xapi.example", "api.examplex", "api.example.x", "api.example\n", "(api.example)", "api[.]example", ".*", "*.example", "api.example|x"])
        {
            yield return Case($"host {Show(host)}", $"GET /public/a HTTP/1.1\r\nHost: {host}\r\n\r\n", advisory: "CVE-2026-39350");
        }
    }

    private static BypassCase Of(string target, string advisory, int reach = 0) =>
        Case(Show(target), $"GET {target} HTTP/1.1\r\nHost: {Host}\r\n\r\n", reach, advisory);
}
