using PolicyProxy.Sidecar.Tests.Commands;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary><c>run --mode proxy</c> as a user without any right, with real tools.</summary>
public sealed class ProxyModeTests : IAsyncLifetime, IDisposable
{
    private const string Python = "import sys,urllib.request as u\nfor url in sys.argv[1:]:\n  try: print(u.urlopen(url,timeout=20).status)\n  except u.HTTPError as e: print(e.code)";

    // Node.js before 22.21 reads no variable by itself.
    private const string Node = "const h=require('http'),p=new URL(process.env.HTTP_PROXY);(async()=>{for(const u of process.argv.slice(1))"
        + "await new Promise(d=>h.get({host:p.hostname,port:p.port,path:u,headers:{host:new URL(u).host}},r=>{console.log(r.statusCode);r.resume();r.on('end',d)}))})()";

    private readonly PolicyFolder _folder = new();
    private EchoUpstream _inspected = null!;
    private EchoUpstream _plain = null!;
    private EchoUpstream _forbidden = null!;

    public static TheoryData<string, string[]> Tools => new()
    {
        { "curl", ["curl", "-s", "-m", "20", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_code}\n"] },
        { "curl with CONNECT", ["curl", "-p", "-s", "-m", "20", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_code}\n"] },
        { "wget", ["sh", "-c", "for u in \"$@\"; do wget -T 20 -t 1 -q -S -O /dev/null \"$u\" 2>&1 | sed -n 's/^ *HTTP.1.1 \\([0-9]*\\).*/\\1/p'; done", "wget"] },
        { "python", ["python3", "-c", Python] },
        { "node", ["node", "-e", Node] },
    };

    public async Task InitializeAsync()
    {
        _inspected = await EchoUpstream.StartAsync();
        _plain = await EchoUpstream.StartAsync();
        _forbidden = await EchoUpstream.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _inspected.DisposeAsync();
        await _plain.DisposeAsync();
        await _forbidden.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Tool_gets_what_is_allowed_and_403_for_what_is_not(string name, string[] command)
    {
        var run = await RunAsync([], [.. command, $"{_inspected.Uri}ok", $"{_inspected.Uri}no"]);

        Assert.True(run.Out.Split('\n') is ["200", "403"], $"{name}: {run}");
        Assert.Equal(1, _inspected.Requests);
        Assert.Contains("1 denied", run.Error, StringComparison.Ordinal);
        Assert.Contains("/no: path \"/no\" does not match", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tunnel_to_a_denied_port_is_403_and_to_an_open_one_passes()
    {
        var run = await RunAsync([], ["curl", "-p", "-s", "-m", "20", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_connect} %{http_code}\n", $"{_plain.Uri}any", $"{_forbidden.Uri}any"]);

        Assert.Equal("200 200\n403 000", run.Out);
        Assert.Equal((1, 0), (_plain.Requests, _forbidden.Requests));
        Assert.Contains($"tcp {_forbidden.Address}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_start_says_in_one_line_that_the_mode_is_weaker()
    {
        var run = await RunAsync(["--summary", "none", "--tls", "deny"], ["sh", "-c", "id -u; env | grep -i _proxy | sed 's/[0-9]*$//' | sort; exit 7"]);

        Assert.Equal(7, run.ExitCode);
        var line = Assert.Single(run.Error.Split('\n'));
        Assert.Contains("--mode proxy is cooperative and enforces nothing by itself", line, StringComparison.Ordinal);
        Assert.Contains("no self-probe", line, StringComparison.Ordinal);
        Assert.Equal(
            [
                "65534", "ALL_PROXY=http://127.0.0.1:", "HTTPS_PROXY=http://127.0.0.1:", "HTTP_PROXY=http://127.0.0.1:", "NODE_USE_ENV_PROXY=",
                "all_proxy=http://127.0.0.1:", "http_proxy=http://127.0.0.1:", "https_proxy=http://127.0.0.1:",
            ],
            run.Out.Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Audit_lets_through_and_names_what_would_be_denied()
    {
        var run = await RunAsync(["--audit"], ["curl", "-s", "-m", "20", "-w", "%{http_code}\n", "-o", "/dev/null", $"{_forbidden.Uri}any"]);

        Assert.Equal("200", run.Out);
        Assert.Contains(_forbidden.Address.ToString(), run.Error, StringComparison.Ordinal);
        Assert.Equal(1, _forbidden.Requests);
    }

    [Fact]
    public async Task Program_that_is_not_there_ends_with_its_code()
    {
        Assert.Equal(127, (await RunAsync([], ["/no-such-program"])).ExitCode);
        Assert.Equal(143, (await RunAsync([], ["sh", "-c", "kill -TERM $$"])).ExitCode);
    }

    private Task<Outcome> RunAsync(string[] options, string[] command)
    {
        var file = _folder.Write("policy.yaml", $$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: run}
            spec:
              endpointSelector: {}
              egress:
              - toEntities: [host]
                toPorts:
                - ports: [{port: "{{_inspected.Address.Port}}", protocol: TCP}]
                  rules: {http: [{method: GET, path: /ok}]}
              - toEntities: [host]
                toPorts:
                - ports: [{port: "{{_plain.Address.Port}}", protocol: TCP}]
            """);
        Tool.Run("chmod", "coreutils", "a+rx", Path.GetDirectoryName(file)!);
        return ConfinedRun.StartAsync(
            "setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp", "NO_PROXY=*", "no_proxy=127.0.0.1", "HTTP_PROXY=http://192.0.2.1:1",
                "dotnet", ConfinedRun.Program, "run", "--mode", "proxy", "-p", file, .. options, "--", .. command,
            ]);
    }
}
