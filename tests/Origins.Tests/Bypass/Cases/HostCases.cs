using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Requests that name two hosts, or one host in a way that two readers take for two.</summary>
internal static class HostCases
{
    private const string Admin = "admin.example";

    public static IEnumerable<BypassCase> Absolute()
    {
        foreach (var (target, host) in ((string, string)[])
            [
                ($"http://{Admin}/public/a", Host), ($"http://{Host}/public/a", Admin), ($"http://{Host}:80/public/a", Host), ($"http://{Host}/public/a", $"{Host}:80"), ($"http://{Host}./public/a", Host),
                ($"http://{Host.ToUpperInvariant()}/public/a", Host), ($"http://{Host}/public/a", Host.ToUpperInvariant()), ($"http://{Host}/admin/a", Host), ($"https://{Admin}/public/a", Host), ($"http://{Host}", Host),
                ($"http://{Host}?/public/a", Host), ($"http:///public/a", Host), ($"http:/public/a", Host), ($"http:public/a", Host), ($"http://{Host}\\@{Admin}/public/a", Host), ($"http://{Host}:/public/a", Host),
                ($"http://{Host}:0/public/a", Host), ($"http://{Host}:99999/public/a", Host), ($"http://{Host}//admin/a", Host), ($"http://{Host}/public/../admin/a", Host), ($"http://{Host}%2f{Admin}/public/a", Host),
                ($"http://{Host},{Admin}/public/a", Host), ($"{Host}/public/a", Host), ($"//{Admin}/public/a", Host), ($"ftp://{Host}/public/a", Host), ($"ws://{Host}/public/a", Host), ($"file:///public/a", Host),
                ($"javascript://{Host}/public/a", Host), ($"http://http://{Host}/public/a", Host), ($"http://{Host}/http://{Admin}/../public/a", Host),
            ])
        {
            yield return Case($"{target} for {host}", $"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        }

        foreach (var scheme in (string[])["HTTP", "Http", "hTTp", "HTTPS", "hTTps"])
        {
            yield return Case($"{scheme} to another path", $"GET {scheme}://{Host}/admin/a HTTP/1.1\r\nHost: {Host}\r\n\r\n", advisory: "CVE-2023-35944");
            yield return Case($"{scheme} to another host", $"GET {scheme}://{Admin}/public/a HTTP/1.1\r\nHost: {Host}\r\n\r\n", advisory: "CVE-2023-35944");
            yield return Case($"{scheme} to the allowed path", $"GET {scheme}://{Host}/public/a HTTP/1.1\r\nHost: {Host}\r\n\r\n", 1, "CVE-2023-35944");
        }

        yield return Case("absolute form without Host", $"GET http://{Host}/public/a HTTP/1.1\r\n\r\n");
        yield return Case("absolute form, HTTP/1.0, other Host", $"GET http://{Host}/public/a HTTP/1.0\r\nHost: {Admin}\r\n\r\n");
        yield return Case("absolute form behind a proxy door", $"GET http://{Admin}:8080/admin/a HTTP/1.1\r\nHost: {Admin}:8080\r\nProxy-Connection: keep-alive\r\n\r\n", advisory: "gh-aw-firewall#207");
    }

    public static IEnumerable<BypassCase> Userinfo()
    {
        foreach (var authority in (string[])[$"user@{Host}", $"user:pw@{Host}", $"{Host}@{Admin}", $"{Host}:80@{Admin}", $"{Admin}@{Host}", $"@{Host}", $"{Host}@", $"a@b@{Host}", $"{Host}%40{Admin}", $"{Host}:pw@{Admin}:80"])
        {
            yield return Case($"target with {authority}", $"GET http://{authority}/public/a HTTP/1.1\r\nHost: {Host}\r\n\r\n");
            yield return Case($"target and Host with {authority}", $"GET http://{authority}/public/a HTTP/1.1\r\nHost: {authority}\r\n\r\n");
            yield return Case($"Host with {authority}", $"GET /public/a HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        }
    }

    public static IEnumerable<BypassCase> Spelling()
    {
        foreach (var host in (string[])
            [
                "API.EXAMPLE", "Api.Example", "api.example.", "api.example..", "api.example:80", "api.example:8080", "api.example:080", "api.example:", "api.example:0", "api.example:65536", "api.example:80:80", "api.example:a",
                "admin.example", "ADMIN.example", "admin.example.", "admin.example:80", "xn--pi-0ia.example", ".api.example", "api..example", "[api.example]", "127.0.0.1", "localhost", "[::1]", "::1", "2130706433", "0x7f.1",
            ])
        {
            yield return Case($"Host {host}", $"GET /public/a HTTP/1.1\r\nHost: {host}\r\n\r\n", advisory: "CVE-2021-39155");
        }
    }

    public static IEnumerable<BypassCase> Bytes()
    {
        foreach (var host in (string[])
            [
                "api.example\0.admin.example", "admin.example\0.api.example", "api.example\0", "api.example%00.admin.example", "api.example%0d%0aX: y", "api.example%2eadmin.example", "api%2Eexample", "%61pi.example", "api.example\xE9",
                "\xC3\xA4pi.example", "api.example\xA0", "api.example\x7F", "api.example\v", "api.example admin.example", "api.example\tadmin.example", "api.example,admin.example", "api.example, admin.example", "api.example;admin.example",
                "api.example/admin", "api.example?x", "api.example#x", "api.example\\admin", "http://api.example", "//api.example", "api.example/../admin.example", "*", "api.*", "", " ", "\"api.example\"", "<api.example>", "api.example'",
            ])
        {
            yield return Case($"Host {Show(host)}", $"GET /public/a HTTP/1.1\r\nHost: {host}\r\n\r\n", advisory: host.Contains('\0') ? "srt-socks5-nul-host" : "");
        }
    }

    public static IEnumerable<BypassCase> Two()
    {
        foreach (var (first, second) in ((string, string)[])
            [
                ($"Host: {Host}", $"Host: {Admin}"), ($"Host: {Admin}", $"Host: {Host}"), ($"Host: {Host}", $"Host: {Host}"), ($"Host: {Host}", $"host: {Admin}"), ($"HOST: {Admin}", $"Host: {Host}"), ($"Host: {Host}", $" Host: {Admin}"),
                ($"Host: {Host}", $"Host : {Admin}"), ($"Host: {Host}", "Host:"), ("Host:", $"Host: {Host}"), ($"Host: {Host}\r\nX: y", $"Host: {Admin}"), ($"X: y\nHost: {Admin}", $"Host: {Host}"), ($"Host: {Host}", $"Host\0: {Admin}"),
                ($"Host: {Host}", $"\tHost: {Admin}"), ($"Host\t: {Admin}", $"Host: {Host}"),
            ])
        {
            yield return Case($"{Show(first)} and {Show(second)}", $"GET /public/a HTTP/1.1\r\n{first}\r\n{second}\r\n\r\n", advisory: "CVE-2022-21679");
        }

        yield return Case("no Host", "GET /public/a HTTP/1.1\r\nX: y\r\n\r\n");
        yield return Case("another host on the same connection", Allowed + $"GET /public/a HTTP/1.1\r\nHost: {Admin}\r\n\r\n", 1);
        foreach (var name in (string[])["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host", "X-HTTP-Host-Override"])
        {
            // Applications that trust these behind a sidecar trust their clients; the request is what it says it is.
            yield return Case($"{name} with the allowed host", $"GET /public/a HTTP/1.1\r\nHost: {Admin}\r\n{name}: {Host}\r\n\r\n");
        }
    }
}
