using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>A WebSocket is judged as the GET that opens it; frames are not inspected (semantics 5.3).</summary>
public sealed class WebSocketTests
{
    [Theory]
    [InlineData(DoorKind.Middleware, 1)]
    [InlineData(DoorKind.Sidecar, 1)]
    [InlineData(DoorKind.Sidecar, 2)]
    public async Task Allowed_socket_echoes_and_denied_one_is_refused(DoorKind kind, int version)
    {
        var setup = ShopPolicies.Setup("""{method: GET, path: "/chat"}""");
        await using var middleware = kind == DoorKind.Middleware ? await MiddlewareHost.StartAsync(setup, EchoSocket) : null;
        await using var sidecar = kind == DoorKind.Sidecar ? await SidecarHost.StartAsync(setup) : null;
        var address = (middleware ?? (IDoorHost)sidecar!).Address;
        using var invoker = new HttpMessageInvoker(FromAddress.Handler(ShopPolicies.Client));

        using var socket = new ClientWebSocket();
        SetVersion(socket, version);
        await socket.ConnectAsync(new Uri($"ws://{address}/chat"), invoker, CancellationToken.None);
        await socket.SendAsync("hello"u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        using var denied = new ClientWebSocket();
        SetVersion(denied, version);
        denied.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(
            () => denied.ConnectAsync(new Uri($"ws://{address}/other"), invoker, CancellationToken.None));

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
        Assert.Equal(403, (int)denied.HttpStatusCode);
    }

    private static void SetVersion(ClientWebSocket socket, int version)
    {
        socket.Options.HttpVersion = new Version(version, version == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
    }

    private static void EchoSocket(WebApplication app)
    {
        app.UseWebSockets();
        app.Run(static async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            var frame = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            await socket.SendAsync(buffer.AsMemory(0, frame.Count), frame.MessageType, frame.EndOfMessage, context.RequestAborted);
            await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
    }
}
