using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>The sidecar before an echo server.</summary>
internal sealed class SidecarHost : IDoorHost
{
    private readonly SidecarServer _server;
    private readonly EchoUpstream _upstream;

    private SidecarHost(SidecarServer server, EchoUpstream upstream, ReplaceableTexts texts, FlowLog flows)
    {
        _server = server;
        _upstream = upstream;
        Texts = texts;
        Flows = flows;
    }

    public IPEndPoint Address => _server.Addresses[0];

    public IServiceProvider Services => _server.Services;

    public FlowLog Flows { get; }

    public ReplaceableTexts Texts { get; }

    public static async Task<SidecarHost> StartAsync(DoorSetup setup)
    {
        var upstream = await EchoUpstream.StartAsync();
        var texts = new ReplaceableTexts(setup.Texts);
        var flows = new FlowLog();
        var server = await SidecarServer.StartAsync(new SidecarOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Upstream = upstream.Uri,
            Labels = new LabelSet([
                new Label("k8s", "io.kubernetes.pod.namespace", setup.SubjectNamespace), .. LabelSet.Parse(setup.SubjectLabels).Labels]),
            PolicyPort = (ushort)setup.Port,
            NamedPorts = setup.NamedPorts.ToDictionary(static port => port.Key, static port => (ushort)port.Value),
            Configure = policies =>
            {
                policies.From(texts).Services.AddSingleton<IFlowObserver>(flows);
                if (setup.Options is not null)
                {
                    policies.Services.Configure(setup.Options);
                }
            },
        });
        return new SidecarHost(server, upstream, texts, flows);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}
