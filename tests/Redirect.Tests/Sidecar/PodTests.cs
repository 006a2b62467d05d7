using System.Net;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>
/// A pod: workload and sidecar in a network namespace of their own, clients in another one behind a cable. The policy of the samples:
/// the frontend may GET the API; who is the frontend is known by its address.
/// </summary>
[Collection(SidecarCollection.Name)]
public sealed class PodTests : IAsyncLifetime
{
    private const int Frontend = 2;
    private const int Stranger = 3;
    private const int Server = 5;

    // HTTP on 8080 and 9000, answering with the client as accept() and getpeername() name it; an echo on UDP 5353.
    private const string Api = """
        import http.server, socket, threading
        class Dual(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6
        class Api(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = f"{self.client_address[0]}|{self.connection.getpeername()[0]}|{self.path}".replace("::ffff:", "").encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_POST = do_GET
        def echo():
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.bind(("::", 5353))
            while True:
                data, peer = s.recvfrom(2000)
                s.sendto(data, peer)
        threading.Thread(target=echo, daemon=True).start()
        threading.Thread(target=Dual(("::", 9000), Api).serve_forever, daemon=True).start()
        server = Dual(("::", 8080), Api)
        print("serving", flush=True)
        server.serve_forever()
        """;

    // A connection for each request, one after the other, until there is a line on stdin. Says what they were answered, and how many there were.
    private const string Requests = """
        import collections, http.client, select, sys
        answers = collections.Counter()
        print("asking", flush=True)
        while not select.select([sys.stdin], [], [], 0)[0]:
            try:
                c = http.client.HTTPConnection(sys.argv[1], 8080, timeout=20, source_address=(sys.argv[2], 0))
                c.request("GET", "/api/1")
                answers[str(c.getresponse().status)] += 1
                c.close()
            except (OSError, http.client.HTTPException) as error: answers[type(error).__name__] += 1
        print(*answers)
        """;

    private const string Datagram = """
        import socket, sys
        source, to = sys.argv[1], sys.argv[2]
        s = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((source, 0))
        s.settimeout(float(sys.argv[3]))
        s.sendto(b"hello", (to, 5353))
        try: print(s.recv(100).decode())
        except TimeoutError: print("silence")
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private NetworkNamespace _pod = null!;
    private WorldNetwork _network = null!;
    private WorldServer _server = null!;
    private RunningSidecar _sidecar = null!;
    private string _inventory = null!;

    public async Task InitializeAsync()
    {
        _pod = NetworkNamespace.Create($"pp{Environment.ProcessId:x}pod");
        _network = new WorldNetwork(_pod);
        _server = await WorldServer.StartAsync(_network.Namespace, 8080);
        _inventory = Path.Combine(_folder.FullName, "inventory.yaml");
        await File.WriteAllTextAsync(_inventory, Pod("frontend", Frontend) + "---\n" + Pod("stranger", Stranger));
        _sidecar = await RunningSidecar.StartAsync(Policy(), _pod, "--pod", "-i", _inventory, "--handover", Path.Combine(_folder.FullName, "handover"));
        _sidecar.Start("python3", "-c", Api).Until(static line => line == "serving");
    }

    public async Task DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        await _server.DisposeAsync();
        _network.Dispose();
        _pod.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Inbound_requests_are_judged_by_who_sends_them_and_the_workload_sees_the_client(bool isIpv6)
    {
        Assert.Equal($"{Host(Frontend, isIpv6)}|{Host(Frontend, isIpv6)}|/api/1\n200", await AskAsync(Frontend, isIpv6, "8080/api/1"));
        Assert.EndsWith("403", await AskAsync(Frontend, isIpv6, "8080/admin"));
        Assert.EndsWith("403", await AskAsync(Frontend, isIpv6, "8080/api/1", "-X", "POST"));
        Assert.Equal("000", await AskAsync(Stranger, isIpv6, "8080/api/1"));

        // Layer 4: past the sidecar, the same policy.
        Assert.Equal($"{Host(Frontend, isIpv6)}|{Host(Frontend, isIpv6)}|/any\n200", await AskAsync(Frontend, isIpv6, "9000/any"));
        Assert.Equal("000", await AskAsync(Stranger, isIpv6, "9000/any"));
        Assert.Equal("hello", await SendAsync(Frontend, isIpv6, seconds: 30));
        Assert.Equal("silence", await SendAsync(Stranger, isIpv6, seconds: 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Outbound_requests_are_judged_in_the_same_pod(bool isIpv6)
    {
        var inbound = AskAsync(Frontend, isIpv6, "8080/api/2");

        Assert.Equal("200", await CurlAsync(Server, isIpv6, "/ok"));
        Assert.Equal("403", await CurlAsync(Server, isIpv6, "/no"));
        Assert.Equal("000", await CurlAsync(Stranger, isIpv6, "/ok"));
        Assert.EndsWith("200", await inbound);
        Assert.DoesNotContain(_server.Requests, static request => request.EndsWith("/no", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Proxy_killed_refuses_inbound_layer_7_keeps_layer_4_and_serves_again_when_restarted(bool isIpv6)
    {
        await _sidecar.KillAsync();

        Assert.Equal("000", await AskAsync(Frontend, isIpv6, "8080/api/1"));
        Assert.EndsWith("200", await AskAsync(Frontend, isIpv6, "9000/any"));
        Assert.Equal("000", await AskAsync(Stranger, isIpv6, "9000/any"));
        Assert.Equal("000", await CurlAsync(Server, isIpv6, "/ok"));

        await _sidecar.StartAsync();

        Assert.EndsWith("200", await AskAsync(Frontend, isIpv6, "8080/api/1"));
        Assert.Equal("200", await CurlAsync(Server, isIpv6, "/ok"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upgrades_lose_no_inbound_request_and_the_last_process_closes_the_gate(bool isIpv6)
    {
        using var client = Outside.Start(_network.Namespace, ["python3", "-c", Requests, $"{Host(1, isIpv6)}", $"{Host(Frontend, isIpv6)}"]);
        Assert.Equal("asking", await client.StandardOutput.ReadLineAsync());
        for (var upgrade = 0; upgrade < 2; upgrade++)
        {
            Assert.Equal(0, await _sidecar.UpgradeAsync());
            Assert.EndsWith("200", await AskAsync(Frontend, isIpv6, "8080/api/1"));
            Assert.EndsWith("403", await AskAsync(Frontend, isIpv6, "8080/admin"));
        }

        await client.StandardInput.WriteLineAsync();
        Assert.Equal("200", await client.StandardOutput.ReadLineAsync());

        await _sidecar.KillAsync();
        Assert.Equal("000", await AskAsync(Frontend, isIpv6, "8080/api/1"));
    }

    private string Policy() => $$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: api-server
        spec:
          endpointSelector: {}
          ingress:
          - fromEndpoints:
            - matchLabels: {app: frontend}
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules:
                http:
                - {method: GET, path: "/api/.*"}
            - ports: [{port: "9000", protocol: TCP}, {port: "5353", protocol: UDP}]
          egress:
          - toCIDR: ["{{_network.V4(Server)}}/32", "{{_network.V6(Server)}}/128"]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules:
                http:
                - {method: GET, path: "/ok"}
        """;

    private string Pod(string name, int host) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          namespace: default
          labels: {app: {{name}}}
        status:
          podIP: {{_network.V4(host)}}
          podIPs: [{ip: "{{_network.V4(host)}}"}, {ip: "{{_network.V6(host)}}"}]

        """;

    private IPAddress Host(int number, bool isIpv6) => isIpv6 ? _network.V6(number) : _network.V4(number);

    private string Url(int host, bool isIpv6, string portAndPath) => isIpv6 ? $"http://[{_network.V6(host)}]:{portAndPath}" : $"http://{_network.V4(host)}:{portAndPath}";

    // From the other namespace to the pod.
    private Task<string> AskAsync(int from, bool isIpv6, string portAndPath, params string[] more) => Outside.RunAsync(
        _network.Namespace, ["curl", "-s", "-m", "3", "-w", "\n%{http_code}", "--interface", $"{Host(from, isIpv6)}", .. more, Url(1, isIpv6, portAndPath)]);

    private Task<string> SendAsync(int from, bool isIpv6, int seconds) => Outside.RunAsync(
        _network.Namespace, ["python3", "-c", Datagram, $"{Host(from, isIpv6)}", $"{Host(1, isIpv6)}", $"{seconds}"]);

    // From the workload to the other namespace.
    private Task<string> CurlAsync(int to, bool isIpv6, string path) =>
        _sidecar.RunAsync("curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", Url(to, isIpv6, "8080" + path));
}
