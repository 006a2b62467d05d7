namespace PolicyProxy.Redirect.Tests.Run.Names;

/// <summary>Tools with resolvers of their own, under a policy that speaks of names only.</summary>
public sealed class NamedToolTests(NamedWorld world) : IClassFixture<NamedWorld>
{
    private const string Python = "import sys,urllib.request as u\nfor url in sys.argv[1:]: print(u.urlopen(url,timeout=20).status)";
    private const string Node = "(async()=>{for(const u of process.argv.slice(1)){const r=await fetch(u);console.log(r.status);await r.text()}})().catch(e=>{console.error(e);process.exit(1)})";

    private static string HttpFetch => typeof(NamedToolTests).Assembly.Location.Replace("Redirect.Tests.dll", "HttpFetch.dll", StringComparison.Ordinal);

    public static TheoryData<string, string[]> Tools => new()
    {
        { "curl", ["curl", "-sS", "-m", "20", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_code}\n"] },
        { "python", ["python3", "-c", Python] },
        { "node", ["node", "-e", Node] },
        { "dotnet", ["dotnet", HttpFetch] },
    };

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Tool_reaches_the_allowed_name_in_the_open_and_over_tls_and_no_other(string name, string[] command)
    {
        var allowed = await world.RunAsync([.. command, $"http://good.test/{name}", $"https://good.test/{name}"]);
        var denied = await world.RunAsync([.. command, $"http://evil.test/{name}"]);

        Assert.True(allowed.Output == "200\n200\n", $"{name}: {allowed}");
        Assert.True(denied.ExitCode != 0 && denied.Output is "" or "000\n", $"{name}: {denied}");
        Assert.Contains("evil.test", denied.Errors);
        Assert.DoesNotContain(world.Plain.Requests.Concat(world.Tls.Requests), static request => request.Contains("evil.test", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("+notcp")]
    [InlineData("+tcp")]
    public async Task Dig_gets_the_allowed_name_and_REFUSED_with_the_reason_for_another(string way)
    {
        var result = await world.RunAsync(["sh", "-c", $"dig -r +tries=1 +timeout=20 {way} good.test A; dig -r +tries=1 +timeout=20 {way} good.test AAAA; dig -r +tries=1 +timeout=20 {way} evil.test A"]);

        Assert.Contains($"{world.Network.V4(4)}", result.Output);
        Assert.Contains($"{world.Network.V6(4)}", result.Output);
        Assert.Contains($"SERVER: {world.Network.V4(2)}#53", result.Output); // the resolver it meant to ask
        Assert.Contains("status: REFUSED", result.Output);
        Assert.Contains("EDE: 15 (Blocked): (denied by policy)", result.Output);
    }

    [Fact]
    public async Task Getent_finds_the_allowed_name_and_not_another()
    {
        var result = await world.RunAsync(["sh", "-c", "getent ahosts good.test; getent ahosts evil.test; echo $?"]);

        Assert.Contains($"{world.Network.V4(4)}", result.Output);
        Assert.Contains($"{world.Network.V6(4)}", result.Output);
        Assert.EndsWith("2\n", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("six.test")]
    [InlineData("zero.test")]
    public async Task Name_with_ipv6_only_and_name_without_time_to_live_are_reached(string name)
    {
        var result = await world.RunAsync(["curl", "-sS", "-m", "20", $"https://{name}/a", $"http://{name}/b"]);

        Assert.True(result.Output == $"GET {name} /aGET {name} /b", $"{result}");
    }

    [Fact]
    public async Task Any_resolver_of_resolv_conf_is_asked()
    {
        var six = await world.RunAsync(["curl", "-sS", "-m", "20", "http://good.test/six"], world.Network.V6(2));
        var second = await world.RunAsync(["curl", "-sS", "-m", "20", "http://good.test/second"], world.Network.V4(9), world.Network.V4(2));

        Assert.True(six.Output == "GET good.test /six", $"{six}");
        Assert.True(second.Output == "GET good.test /second", $"{second}");
    }

    [Fact]
    public async Task Resolver_that_is_not_the_machines_is_refused()
    {
        var result = await world.RunAsync(["dig", "-r", "+tries=1", "+timeout=20", $"@{world.Network.V6(2)}", "good.test"]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("status:", result.Output);
    }

    [Fact]
    public async Task What_run_adds_for_names_is_printed()
    {
        var result = await world.RunAsync(["true"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("toFQDNs", result.Errors);
        Assert.Contains("the resolvers of /etc/resolv.conf", result.Errors);
    }
}
