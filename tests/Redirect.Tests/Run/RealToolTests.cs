namespace PolicyProxy.Redirect.Tests.Run;

/// <summary>Tools that know nothing of a proxy, under a policy: the same host, one path allowed and one not, over IPv4 and IPv6.</summary>
public sealed class RealToolTests(World world) : IClassFixture<World>
{
    private const string Python = "import sys,urllib.request as u\nfor url in sys.argv[1:]:\n  try: print(u.urlopen(url,timeout=20).status)\n  except u.HTTPError as e: print(e.code)";
    private const string Node = "(async()=>{for(const u of process.argv.slice(1)){const r=await fetch(u);console.log(r.status);await r.text()}})()";

    private static string HttpFetch => typeof(RealToolTests).Assembly.Location.Replace("Redirect.Tests.dll", "HttpFetch.dll", StringComparison.Ordinal);

    public static TheoryData<string, string[]> Tools => new()
    {
        { "curl", ["curl", "-s", "-m", "20", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_code}\n"] },
        { "wget", ["sh", "-c", "for u in \"$@\"; do wget -T 20 -t 1 -q -S -O /dev/null \"$u\" 2>&1 | sed -n 's/^ *HTTP.1.1 \\([0-9]*\\).*/\\1/p'; done", "wget"] },
        { "python", ["python3", "-c", Python] },
        { "node", ["node", "-e", Node] },
        { "dotnet", ["dotnet", HttpFetch] },
    };

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Tool_gets_what_is_allowed_and_403_for_what_is_not(string name, string[] command)
    {
        foreach (var host in new[] { $"{world.Network.V4(2)}", $"[{world.Network.V6(2)}]" })
        {
            var result = await ConfinedCommand.RunAsync(world.Policy, [.. command, $"http://{host}:8080/ok", $"http://{host}:8080/no/{name}"]);

            Assert.True(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is ["200", "403"], $"{name} {host}: {result}");
            Assert.Contains("1 denied", result.Errors);
            Assert.Contains($"/no/{name}", result.Errors);
            Assert.DoesNotContain(world.Server.Requests, request => request.Contains($"/no/{name}", StringComparison.Ordinal));
        }
    }

    /// <summary>Two ways over the same dual-stack socket, and what the proxy listens on is neither.</summary>
    [Fact]
    public async Task Dotnet_socket_names_the_peer_it_asked_for()
    {
        var result = await ConfinedCommand.RunAsync(
            world.Policy,
            ["dotnet", HttpFetch, "--peer", $"http://{world.Network.V4(2)}:8080/ok", $"http://[{world.Network.V6(2)}]:8080/no/peer"]);

        Assert.Equal($"{world.Network.V4(2)}:8080\n200\n[{world.Network.V6(2)}]:8080\n403\n", result.Output);
    }

    [Fact]
    public async Task Git_reads_a_repository_over_http_and_cannot_push()
    {
        var result = await ConfinedCommand.RunAsync(
            world.Policy,
            ["sh", "-c", $"git ls-remote http://{world.Network.V4(2)}:8080/ok.git; git ls-remote http://{world.Network.V4(2)}:8080/secret.git; true"]);

        // The server is no Git server: what matters is which request reaches it.
        Assert.Contains(world.Server.Requests, static request => request.Contains("/ok.git/info/refs", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Server.Requests, static request => request.Contains("/secret.git", StringComparison.Ordinal));
        Assert.Contains("403", result.Errors);
    }

    [Fact]
    public async Task Kernel_passes_what_needs_no_proxy_and_refuses_what_no_rule_allows()
    {
        var result = await ConfinedCommand.RunAsync(
            world.Policy,
            ["curl", "-sS", "-m", "20", $"http://{world.Network.V4(3)}:8081/any", $"http://{world.Network.V4(4)}:8081/refused"]);

        Assert.Equal(7, result.ExitCode);
        Assert.Equal($"GET {world.Network.V4(3)}:8081 /any", result.Output);
        Assert.Contains("1 allowed, 1 denied", result.Errors);
        Assert.Contains($"{world.Network.V4(4)}:8081", result.Errors);
        Assert.Equal(0, world.Packets.Seen.GetValueOrDefault($"tcp {world.Network.V4(4)}:8081"));
        Assert.True(world.Packets.Seen.GetValueOrDefault($"tcp {world.Network.V4(3)}:8081") > 0);
    }

    [Fact]
    public async Task Audit_lets_through_and_names_what_would_be_denied()
    {
        var result = await ConfinedCommand.RunAsync(
            world.Policy,
            ["curl", "-sS", "-m", "20", $"http://{world.Network.V4(2)}:8080/audited", $"http://{world.Network.V4(4)}:8081/audited"],
            "--audit", "--flows", "compact");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("GET", result.Output);
        Assert.Contains("AUDIT", result.Errors);
        Assert.Contains(world.Plain.Requests, static request => request.Contains("/audited", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flows_name_the_process()
    {
        var result = await ConfinedCommand.RunAsync(
            world.Policy,
            ["curl", "-s", "-m", "20", $"http://{world.Network.V4(2)}:8080/ok", $"http://{world.Network.V4(3)}:8081/any"],
            "--flows", "json");

        var flows = result.Errors.Split('\n').Where(line => line.StartsWith('{') && line.Contains($"\"destination\":\"{world.Network.V4(0)}"[..^1], StringComparison.Ordinal)).ToList();
        Assert.True(flows.Count >= 2, result.ToString());
        Assert.All(flows, static flow => Assert.Contains("\"curl\"", flow));
    }

    [Fact]
    public async Task Exit_code_is_the_commands_and_nothing_is_left_behind()
    {
        var result = await ConfinedCommand.RunAsync(world.Policy, ["sh", "-c", "exit 7"]);

        Assert.Equal(7, result.ExitCode);
        Assert.Contains("0 allowed, 0 denied", result.Errors);
    }
}
