using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>What a <see cref="RelayBench"/> is set up with.</summary>
internal sealed record BenchSetup
{
    /// <summary>Policies and inventory. Default: every HTTP request from anywhere.</summary>
    public string Policy { get; init; } = OpenSidecar.Policy;

    public RelayOptions Relay { get; init; } = new();

    /// <summary>Changes further options.</summary>
    public Func<SidecarOptions, SidecarOptions> Change { get; init; } = static options => options;

    /// <summary>False leaves the relay unobserved.</summary>
    public bool IsObserved { get; init; } = true;
}

/// <summary>
/// A sidecar in front of a scripted origin. When it is disposed, the clients being gone, nothing may be left: no connection on either
/// side, no buffer in use, and no exception may have come out of a connection's turn.
/// </summary>
internal sealed class RelayBench : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly InMemoryPolicySource _policies;

    private RelayBench(SidecarServer server, ScriptedUpstream upstream, InMemoryPolicySource policies, FlowLog flows)
    {
        Server = server;
        Upstream = upstream;
        _policies = policies;
        Flows = flows;
    }

    public SidecarServer Server { get; }

    public ScriptedUpstream Upstream { get; }

    public FlowLog Flows { get; }

    public IPEndPoint Address => Server.Addresses[0];

    public RelayCounters Counters => Server.Counters;

    public static async Task<RelayBench> StartAsync(Func<ScriptedConnection, Task> script, BenchSetup? setup = null)
    {
        setup ??= new BenchSetup();
        var upstream = ScriptedUpstream.Start(script);
        var flows = new FlowLog();
        var policies = new InMemoryPolicySource([("policy.yaml", setup.Policy)]);
        var options = OpenSidecar.Options(upstream.Uri) with
        {
            Relay = setup.Relay,
            Configure = builder =>
            {
                builder.From(policies);
                if (setup.IsObserved)
                {
                    builder.Services.AddSingleton<IFlowObserver>(flows);
                }
            },
        };
        return new RelayBench(await SidecarServer.StartAsync(setup.Change(options)), upstream, policies, flows);
    }

    /// <summary>An origin that answers every request on every connection with the same response.</summary>
    public static Task<RelayBench> AnsweringAsync(string response, BenchSetup? setup = null) => StartAsync(
        async connection =>
        {
            while (await connection.AnswerAsync(response))
            {
            }
        },
        setup);

    public Task<RawHttpConnection> ConnectAsync(IPAddress? source = null) => RawHttpConnection.ConnectAsync(Address, source);

    /// <summary>Puts other policies in force.</summary>
    public Task ReloadAsync(string policy) => _policies.ReplaceAsync(Server, policy);

    /// <summary>Waits until the condition is met; fails after half a minute.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(s_limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"waited in vain for: {what}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>The first flow that is or will be reported and meets the condition.</summary>
    public async Task<FlowRecord> FlowAsync(Func<FlowRecord, bool> condition)
    {
        using var limit = new CancellationTokenSource(s_limit);
        await foreach (var reading in Flows.FollowAsync(Flows.Start, limit.Token))
        {
            if (condition(reading.Flow))
            {
                return reading.Flow;
            }
        }

        throw new InvalidOperationException("the flow log ended");
    }

    public async ValueTask DisposeAsync()
    {
        await UntilAsync(() => Counters.Active == 0, "every client connection to be closed");
        await UntilAsync(() => Server.BuffersInUse == 0, "every buffer to be returned");
        Assert.Equal(0, Counters.Faults);
        await Server.DisposeAsync();
        await Upstream.DisposeAsync();
        _policies.Dispose();
    }
}
