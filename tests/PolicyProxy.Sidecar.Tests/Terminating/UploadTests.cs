using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Sidecar.Tests.Relay;
using Xunit.Abstractions;
using static PolicyProxy.Sidecar.Tests.Terminating.Http2Bench;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>An upstream that does not read stops the client: what the sidecar takes from it is bounded, and all of it arrives once the upstream reads.</summary>
public sealed class UploadTests(ITestOutputHelper output)
{
    private const int Total = 64 << 20;

    // Over HTTP/2 the windows of the sidecar and of the upstream, and a copy for each stream; over HTTP/1.1 the sockets' buffers in place of the upstream's window.
    [Theory]
    [InlineData(HttpProtocols.Http2, 1, 4 << 20)]
    [InlineData(HttpProtocols.Http2, 16, 4 << 20)]
    [InlineData(HttpProtocols.Http1, 1, 16 << 20)]
    public async Task Upstream_that_does_not_read_stops_the_client_and_gets_everything_when_it_does(HttpProtocols protocol, int streams, int most)
    {
        await using var bench = await StartAsync(protocol, RelayPolicies.Http("{}"));
        using var connection = await bench.ConnectAsync();
        var upload = new Http2Upload(connection);
        for (var i = 0; i < streams; i++)
        {
            await upload.OpenAsync(Post("/hold/upload"), Total / streams);
        }

        await bench.Upstream.Held;
        await upload.UntilStoppedAsync();
        output.WriteLine($"{upload.Sent} bytes taken");
        Assert.InRange(upload.Sent, 65_535, most);

        bench.Upstream.Release();
        foreach (var answer in await upload.FinishAsync())
        {
            Assert.Equal((200, $"{Total / streams} bytes"), (answer.Status, answer.Body));
        }

        Assert.Equal(Total, upload.Sent);
    }
}
