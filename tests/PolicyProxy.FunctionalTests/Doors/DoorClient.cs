using System.Net;
using System.Text;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>The doors HTTP can be sent through.</summary>
public enum DoorKind
{
    /// <summary>ASP.NET Core middleware before a minimal application.</summary>
    Middleware,

    /// <summary>The sidecar before an upstream.</summary>
    Sidecar,
}

/// <summary>What the door enforces. Everything is plain text, as a user would write it.</summary>
internal sealed record DoorSetup
{
    /// <summary>Policies and inventory as YAML or JSON texts.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>Labels of the subject, <c>app=api,tier=web</c>.</summary>
    public string SubjectLabels { get; init; } = string.Empty;

    /// <summary>Namespace of the subject.</summary>
    public string SubjectNamespace { get; init; } = "default";

    /// <summary>Destination port the policies speak of.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Container ports of the subject.</summary>
    public IReadOnlyDictionary<string, int> NamedPorts { get; init; } = new Dictionary<string, int>();

    /// <summary>Changes the settings further; null = defaults.</summary>
    public Action<DependencyInjection.PolicyProxyOptions>? Options { get; init; }
}

/// <summary>One request. Its peer is the Pod of the inventory with the address <see cref="Source"/>.</summary>
/// <param name="Method">Method token.</param>
/// <param name="Target">Request-target, sent as it is.</param>
internal sealed record DoorRequest(string Method, string Target)
{
    /// <summary>Loopback address (127.0.0.0/8) the client connects from.</summary>
    public IPAddress Source { get; init; } = IPAddress.Loopback;

    /// <summary>Host field; null = none, as HTTP/1.0.</summary>
    public string? Host { get; init; } = "api";

    /// <summary>Field lines in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The request as HTTP/1.1 bytes.</summary>
    public string Wire
    {
        get
        {
            var text = new StringBuilder().Append(Method).Append(' ').Append(Target).Append(Host is null ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
            if (Host is not null)
            {
                text.Append("Host: ").Append(Host).Append("\r\n");
            }

            foreach (var (name, value) in Headers)
            {
                text.Append(name).Append(": ").Append(value).Append("\r\n");
            }

            return text.Append("\r\n").ToString();
        }
    }
}

/// <summary>
/// Sends real HTTP/1.1 requests through a door over loopback. The answer has status 0 for a reset connection, 403 or 400 for a denied
/// request, and what the application said, with <c>x-reached</c>, for an allowed one.
/// </summary>
internal sealed class DoorClient : IAsyncDisposable
{
    private readonly IDoorHost _host;

    private DoorClient(IDoorHost host) => _host = host;

    /// <summary>Where the door listens.</summary>
    public IPEndPoint Address => _host.Address;

    /// <summary>The services of the door.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Flows of the door.</summary>
    public Flows.FlowLog Flows => _host.Flows;

    /// <summary>Starts a door with the given policies in force.</summary>
    public static async Task<DoorClient> StartAsync(DoorKind kind, DoorSetup setup) => new(kind switch
    {
        DoorKind.Middleware => await MiddlewareHost.StartAsync(setup),
        _ => await SidecarHost.StartAsync(setup),
    });

    /// <summary>Replaces the policies and inventory; returns when they are in force.</summary>
    public Task ReplaceAsync(IReadOnlyList<string> texts) => _host.Texts.ReplaceAsync(Services, texts);

    /// <summary>Sends one request on a connection of its own.</summary>
    public Task<RawResponse> SendAsync(DoorRequest request) => RawHttpConnection.SendAsync(Address, request.Wire, request.Source);

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
