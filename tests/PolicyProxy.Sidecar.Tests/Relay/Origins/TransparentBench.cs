using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Sources;
using PolicyProxy.TestKit.Flows;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay.Origins;

/// <summary>A sidecar that only serves redirected connections, without an upstream of its own. Nothing may be left when it is disposed.</summary>
internal sealed class TransparentBench : IAsyncDisposable
{
    private readonly InMemoryPolicySource _policies;

    private TransparentBench(SidecarServer server, TestRedirection redirection, InMemoryPolicySource policies, FlowLog flows)
    {
        Server = server;
        Redirection = redirection;
        _policies = policies;
        Flows = flows;
    }

    public SidecarServer Server { get; }

    public TestRedirection Redirection { get; }

    public FlowLog Flows { get; }

    public IPEndPoint Egress => Server.EgressAddresses[0];

    public IPEndPoint Ingress => Server.IngressAddresses[0];

    public static async Task<TransparentBench> StartAsync(string policy, Func<SidecarOptions, SidecarOptions>? change = null)
    {
        var redirection = new TestRedirection();
        var flows = new FlowLog();
        var policies = new InMemoryPolicySource([("policy.yaml", policy)]);
        var options = new SidecarOptions
        {
            Transparent = new TransparentOptions { Egress = true, Ingress = true, Sockets = redirection },
            Configure = builder =>
            {
                builder.From(policies);
                builder.Services.AddSingleton<IFlowObserver>(flows);
            },
        };
        return new TransparentBench(await SidecarServer.StartAsync(change?.Invoke(options) ?? options), redirection, policies, flows);
    }

    /// <summary>Egress rules, each in flow style.</summary>
    public static string EgressPolicy(params string[] rules) => Policy("egress", rules);

    /// <summary>Ingress rules, each in flow style.</summary>
    public static string IngressPolicy(params string[] rules) => Policy("ingress", rules);

    /// <summary>A rule for one address and port; <paramref name="rules"/> is what stands behind the ports, empty for none.</summary>
    public static string To(IPEndPoint address, string rules = "") =>
        $$"""{toCIDR: ["{{address.Address}}/{{(address.Address.GetAddressBytes().Length * 8)}}"], toPorts: [{ports: [{port: "{{address.Port}}", protocol: TCP}]{{(rules.Length == 0 ? "" : ", " + rules)}}}]}""";

    public Task<RawHttpConnection> ConnectAsync(IPEndPoint destination) => Redirection.ConnectHttpAsync(Egress, destination);

    /// <summary>Puts other policies in force.</summary>
    public Task ReloadAsync(string policy) => _policies.ReplaceAsync(Server, policy);

    /// <summary>The flows so far.</summary>
    public IReadOnlyList<FlowRecord> Seen() => Flows.All();

    /// <summary>Fails unless the sidecar resets the connection; that may happen before connect has returned.</summary>
    public static async Task AssertResetAsync(Func<Task<RawHttpConnection>> connect)
    {
        try
        {
            using var client = await connect();
            Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
        }
        catch (SocketException error)
        {
            Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RelayBench.UntilAsync(() => Server.Counters.Active == 0, "every client connection to be closed");
        await RelayBench.UntilAsync(() => Server.BuffersInUse == 0, "every buffer to be returned");
        Assert.Equal(0, Server.Counters.Faults);
        await Server.DisposeAsync();
        _policies.Dispose();
    }

    private static string Policy(string direction, string[] rules) => $$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: transparent}
        spec:
          endpointSelector: {}
          {{direction}}: [{{string.Join(", ", rules)}}]
        """;
}
