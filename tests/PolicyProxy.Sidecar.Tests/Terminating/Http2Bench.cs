using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Sidecar.Tests.Relay;
using PolicyProxy.TestKit.Flows;
using PolicyProxy.TestKit.Http;
using PolicyProxy.TestKit.Http2;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>A sidecar before an origin that reports what it gets, for clients that speak HTTP/2 frame by frame.</summary>
internal sealed class Http2Bench : IAsyncDisposable
{
    /// <summary>The one authority of the default policy.</summary>
    public const string Host = "a.example";

    private readonly InMemoryPolicySource _policies;

    private Http2Bench(SidecarServer server, EchoUpstream upstream, InMemoryPolicySource policies, FlowLog flows)
    {
        Server = server;
        Upstream = upstream;
        _policies = policies;
        Flows = flows;
    }

    /// <summary>GET and POST to <c>/ok</c> and what is under it, on one host.</summary>
    public static string DefaultPolicy => RelayPolicies.Http($$"""{method: "GET|POST", path: "/ok(/.*)?", host: "{{Host.Replace(".", "[.]", StringComparison.Ordinal)}}"}""");

    public SidecarServer Server { get; }

    public EchoUpstream Upstream { get; }

    public FlowLog Flows { get; }

    public IPEndPoint Address => Server.Addresses[0];

    public static async Task<Http2Bench> StartAsync(
        HttpProtocols upstreamProtocol = HttpProtocols.Http2, string? policy = null, Func<SidecarOptions, SidecarOptions>? change = null)
    {
        var upstream = await EchoUpstream.StartAsync(upstreamProtocol);
        var flows = new FlowLog();
        var policies = new InMemoryPolicySource([("policy.yaml", policy ?? DefaultPolicy)]);
        var options = OpenSidecar.Options(upstream.Uri) with
        {
            UpstreamProtocol = upstreamProtocol == HttpProtocols.Http2 ? UpstreamProtocol.SameAsClient : UpstreamProtocol.Http1,
            Configure = builder => builder.From(policies).Services.AddSingleton<IFlowObserver>(flows),
        };
        return new Http2Bench(await SidecarServer.StartAsync(change?.Invoke(options) ?? options), upstream, policies, flows);
    }

    /// <summary>A field section for the one authority of the default policy.</summary>
    public static byte[] Get(string path, params IEnumerable<(string Name, string Value)> fields) => HpackBlock.Request("GET", path, Host, fields);

    public static byte[] Post(string path, params IEnumerable<(string Name, string Value)> fields) => HpackBlock.Request("POST", path, Host, fields);

    public Task<RawHttp2Connection> ConnectAsync(bool keepsWindow = false) => RawHttp2Connection.ConnectAsync(Address, keepsWindow: keepsWindow);

    /// <summary>One request on a connection of its own.</summary>
    public async Task<Http2Answer> AskAsync(byte[] block)
    {
        using var connection = await ConnectAsync();
        return await connection.AskAsync(block);
    }

    /// <summary>Fails unless a client that behaves is served and one that may not is refused.</summary>
    public async Task AssertHealthyAsync()
    {
        Assert.Equal(["200", "403"], [(await AskAsync(Get("/ok"))).Outcome, (await AskAsync(Get("/no"))).Outcome]);
    }

    /// <summary>Puts other policies in force.</summary>
    public Task ReloadAsync(string policy) => _policies.ReplaceAsync(Server, policy);

    /// <summary>The flows so far.</summary>
    public IReadOnlyList<FlowRecord> Seen() => Flows.All();

    /// <summary>Refused requests so far.</summary>
    public int Drops() => Seen().Count(static flow => flow is { Verdict: FlowVerdict.Dropped, Type: FlowType.L7 });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Upstream.DisposeAsync();
        _policies.Dispose();
    }
}
