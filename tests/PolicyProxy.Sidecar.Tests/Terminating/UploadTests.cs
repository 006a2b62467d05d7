using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Sidecar.Tests.Relay;
using static PolicyProxy.Sidecar.Tests.Terminating.Http2Bench;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>An upstream that does not read stops the client: what the sidecar takes from it is bounded, and all of it arrives once the upstream reads.</summary>
public sealed class UploadTests
{
    private const int Total = 64 << 20;

    /// <summary>Both windows of the sidecar and both of the upstream, which are Kestrel's, and what is between: the sockets' buffers and a copy for each stream.</summary>
    private const int Most = 12 << 20;

    [Theory]
    [InlineData(HttpProtocols.Http2, 1)]
    [InlineData(HttpProtocols.Http1, 1)]
    [InlineData(HttpProtocols.Http2, 16)]
    public async Task Upstream_that_does_not_read_stops_the_client_and_gets_everything_when_it_does(HttpProtocols protocol, int streams)
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
        Assert.InRange(upload.Sent, 65_535, Most);

        bench.Upstream.Release();
        foreach (var answer in await upload.FinishAsync())
        {
            Assert.Equal((200, $"{Total / streams} bytes"), (answer.Status, answer.Body));
        }

        Assert.Equal(Total, upload.Sent);
    }
}
