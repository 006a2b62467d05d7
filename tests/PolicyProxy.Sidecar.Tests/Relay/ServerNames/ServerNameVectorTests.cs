using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Conformance;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Sidecar.Tests.Relay.Origins;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>The verdict vectors of server names with the ClientHellos of real clients: a handshake with the server itself comes about, or none does.</summary>
public sealed class ServerNameVectorTests
{
    private const string Network = "127.0.44.";

    private const string Openssl = """
        a=$0; for n in "$@"; do [ -n "$n" ] && o="-servername $n" || o=-noservername
        openssl s_client -connect $a $o </dev/null 2>/dev/null | grep -q 'CN = origin.example' && echo yes || echo no; done
        """;

    private const string Curl = """
        a=$0; for n in "$@"; do [ -n "$n" ] && curl -sk -m 20 -o /dev/null --connect-to "::$a" "https://$n/" || { [ -z "$n" ] && curl -sk -m 20 -o /dev/null "https://$a/"; } && echo yes || echo no; done
        """;

    private const string Python = """
        import socket, ssl, sys
        c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
        host, port = sys.argv[1].split(":")
        for n in sys.argv[2:]:
            try:
                with c.wrap_socket(socket.create_connection((host, int(port)), 20), server_hostname=n or None) as s: print("yes" if s.getpeercert(True) else "no")
            except OSError: print("no")
        """;

    private const string Node = """
        const tls = require("tls"), [host, port] = process.argv[1].split(":");
        (async () => { for (const n of process.argv.slice(2)) await new Promise(done => {
          let answer = "no";
          const s = tls.connect({host, port, servername: n, rejectUnauthorized: false}, () => { answer = "yes"; s.destroy(); });
          s.on("error", () => {}); s.on("close", () => { console.log(answer); done(); });
        }) })();
        """;

    public static TheoryData<string, string[]> Clients => new()
    {
        { "openssl", ["sh", "-c", Openssl] },
        { "curl", ["sh", "-c", Curl] },
        { "python3", ["python3", "-c", Python] },
        { "nodejs", ["node", "-e", Node] },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Handshake_comes_about_where_the_vector_allows_it(string package, string[] client)
    {
        var vectors = VectorReader.ReadDirectory(PeerObjects.VectorFolder).Where(static v => v.Category == "sni" && v is { Manifest: null, Expect.Valid: true, Flow: not null }).ToArray();
        Assert.True(vectors.Length >= 50, $"only {vectors.Length} vectors");
        var wrong = new List<string>();
        foreach (var group in vectors.GroupBy(static v => (string.Join('\n', v.Policies), v.Flow!.Peer.Address, v.Flow.Port)))
        {
            await AskAsync(package, client, [.. group], wrong);
        }

        Assert.Empty(wrong);
    }

    // Peers of the vectors are addresses outside; here they are one of this machine that the engine takes for such.
    private static async Task AskAsync(string package, string[] client, Vector[] vectors, List<string> wrong)
    {
        var flow = vectors[0].Flow!;
        var address = flow.Peer.Address!.ToString();
        var outside = address[..(address.LastIndexOf('.') + 1)];
        var here = flow.Peer.DnsNames.Count == 0 ? IPAddress.Parse(address.Replace(outside, Network, StringComparison.Ordinal)) : OwnAddress();
        var server = new IPEndPoint(here, flow.Port);
        using var origin = TlsOrigin.Start(server);
        await using var bench = await TransparentBench.StartAsync(
            string.Join("\n---\n", vectors[0].Policies).Replace(outside, Network, StringComparison.Ordinal),
            options => options with { Labels = flow.Subject.Labels });
        var gate = bench.Server.Services.GetRequiredService<PolicyGate>();
        foreach (var name in flow.Peer.DnsNames)
        {
            gate.LearnOwn(new FqdnAnswer { Name = name, Addresses = new[] { FqdnAddress.Of(here, 3_600) } });
        }

        using var way = new RedirectingGate(bench, server);
        var output = await Tool.RunAsync(client[0], package, [.. client[1..], $"{way.Address}", .. vectors.Select(static v => v.Flow!.ServerName ?? string.Empty)]);
        var answers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(answers.Length == vectors.Length, output);
        wrong.AddRange(vectors.Zip(answers)
            .Where(static pair => (pair.Second == "yes") != (pair.First.Expect.Verdict == "allowed"))
            .Select(static pair => $"{pair.First.Id}: expected {pair.First.Expect.Verdict}"));
    }

    // Loopback is never learned.
    private static IPAddress OwnAddress() => Sidecar.Redirect.LocalNetwork.Addresses().First(static address => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
