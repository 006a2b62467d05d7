using System.Net;
using PolicyProxy.Enforcement.Client;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>A client of the subject <c>app=web</c> behind the door, with a resolver that knows the test's names.</summary>
internal sealed class ClientWorld : IDisposable
{
    private readonly TestGate _gate;

    public ClientWorld(
        string egress, Action<PolicyProxyHandlerOptions>? configure = null, SocketsHttpHandler? transport = null, TimeProvider? time = null, params string[] objects)
    {
        _gate = new TestGate(new PolicyCompilerOptions(), [Policy(egress), .. objects]).Observed();
        Assert.True(_gate.First.Succeeded, string.Join('\n', _gate.First.Diagnostics));
        Options = new PolicyProxyHandlerOptions { Resolver = Resolve };
        configure?.Invoke(Options);
        var subject = _gate.Workload("app=web");
        Client = new HttpClient(new PolicyProxyHandler(_gate.Gate, () => subject, Options, transport ?? new SocketsHttpHandler(), time ?? TimeProvider.System));
    }

    public HttpClient Client { get; }

    public PolicyProxyHandlerOptions Options { get; }

    /// <summary>What the resolver says.</summary>
    public Dictionary<string, IPAddress[]> Names { get; } = [];

    public IReadOnlyList<FlowRecord> Flows => _gate.Flows();

    public IEnumerable<FlowRecord> Denials => Flows.Where(static flow => flow.Verdict == FlowVerdict.Dropped);

    public void Replace(string egress) => _gate.Update(Policy(egress));

    public async Task<(int Status, string Text)> GetAsync(string url, Version? version = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (version is not null)
        {
            (request.Version, request.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
        }

        return await SendAsync(request);
    }

    public async Task<(int Status, string Text)> SendAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public void Dispose()
    {
        Client.Dispose();
        _gate.Dispose();
    }

    private Task<IPAddress[]> Resolve(string name, CancellationToken cancellationToken) =>
        Names.TryGetValue(name, out var addresses) ? Task.FromResult(addresses) : Dns.GetHostAddressesAsync(name, cancellationToken);

    private static string Policy(string egress) =>
        $$$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: web, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: web}}
          egress:
          {{{string.Join("\n  ", egress.Split('\n'))}}}
        """;
}
