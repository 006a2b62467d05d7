using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Sidecar.NameResolution;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>A sidecar that takes DNS queries on 127.0.0.1 and ::1, before resolvers on loopback. Names below <c>good.test</c> are allowed, others are not.</summary>
internal sealed class DnsBench : IAsyncDisposable
{
    private DnsBench(SidecarServer server, FlowLog? flows) => (Server, Flows) = (server, flows);

    public SidecarServer Server { get; }

    public FlowLog? Flows { get; }

    public IPEndPoint V4 => Server.DnsAddresses[0];

    public IPEndPoint V6 => Server.DnsAddresses[1];

    public DnsCounters Counters => Server.DnsCounters!;

    public IdentityTable Identities => Server.Services.GetRequiredService<PolicyEngine>().Identities;

    /// <summary>What was learned: <c>name address</c>, in order.</summary>
    public IReadOnlyList<string> Learned =>
        [.. Identities.ExportNames().Select(static name => $"{name.Name.TrimEnd('.')} {FqdnAddress.AddressOf(name.Address)}").Order(StringComparer.Ordinal)];

    /// <summary>Starts a sidecar before these resolvers.</summary>
    public static Task<DnsBench> StartAsync(params IPEndPoint[] resolvers) => StartAsync(resolvers, new DnsProxyOptions());

    /// <summary>Starts a sidecar before these resolvers.</summary>
    /// <param name="resolvers">In order of preference.</param>
    /// <param name="dns">Bounds.</param>
    /// <param name="change">Changes other options.</param>
    /// <param name="isObserved">True keeps flows.</param>
    public static async Task<DnsBench> StartAsync(
        IReadOnlyList<IPEndPoint> resolvers, DnsProxyOptions dns, Func<SidecarOptions, SidecarOptions>? change = null, bool isObserved = false)
    {
        var flows = isObserved ? new FlowLog() : null;
        var options = new SidecarOptions
        {
            DnsListen = [new(IPAddress.Loopback, 0), new(IPAddress.IPv6Loopback, 0)],
            DnsUpstreams = resolvers,
            Dns = dns,
            DrainLimit = TimeSpan.Zero,
            Configure = policies =>
            {
                policies.FromText(Policy(resolvers));
                if (flows is not null)
                {
                    policies.Services.AddSingleton<IFlowObserver>(flows);
                }
            },
        };
        return new DnsBench(await SidecarServer.StartAsync(change?.Invoke(options) ?? options), flows);
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    private static string Policy(IEnumerable<IPEndPoint> resolvers) => $$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: names}
        spec:
          endpointSelector: {}
          egress:
          - toCIDR: [127.0.0.0/8, "::1/128"]
            toPorts:
            - ports: [{{string.Join(", ", resolvers.Select(static resolver => $$"""{port: "{{resolver.Port}}", protocol: ANY}""").Distinct())}}]
              rules: {dns: [{matchPattern: "**.good.test"}, {matchName: good.test}]}
          - toFQDNs: [{matchPattern: "**.good.test"}, {matchName: good.test}]
            toPorts: [{ports: [{port: "443", protocol: TCP}]}]
        """;
}
