using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>curl and h2load speak to one port, HTTP/1.1 and HTTP/2 with prior knowledge.</summary>
public sealed class RealClientTests
{
    [Fact]
    public async Task Curl_speaks_both_versions_to_one_port()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await SidecarServer.StartAsync(
            OpenSidecar.Options(upstream.Uri) with { UpstreamProtocol = UpstreamProtocol.Http1 });
        var url = $"http://{sidecar.Addresses[0]}/x";

        var http1 = await Tool.RunAsync("curl", "curl", "-s", "--noproxy", "*", "--http1.1", "-w", " %{http_version} %{http_code}", "-o", "/dev/null", url);
        var http2 = await Tool.RunAsync(
            "curl", "curl", "-s", "--noproxy", "*", "--http2-prior-knowledge", "-w", " %{http_version} %{http_code}", "-o", "/dev/null", url);

        Assert.Equal([" 1.1 200", " 2 200"], [http1, http2]);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, "--h1")]
    [InlineData(HttpProtocols.Http2, "--no-tls-proto=h2c")]
    public async Task H2load_loses_no_request(HttpProtocols protocol, string mode)
    {
        await using var upstream = await EchoUpstream.StartAsync(protocol);
        await using var sidecar = await OpenSidecar.StartAsync(upstream);

        var report = await Tool.RunAsync("h2load", "nghttp2-client", "-n", "2000", "-c", "10", "-m", "10", mode, $"http://{sidecar.Addresses[0]}/x");

        Assert.Contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nghttp_speaks_to_nghttpd_through_the_sidecar()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "item"), "book");
            await using var origin = await NghttpOrigin.StartAsync(folder.FullName);
            await using var sidecar = await SidecarServer.StartAsync(OpenSidecar.Options(origin.Uri));
            var url = $"http://{sidecar.Addresses[0]}";

            var answer = await Tool.RunAsync("nghttp", "nghttp2-client", "-v", $"{url}/item", $"{url}/missing");
            var load = await Tool.RunAsync("h2load", "nghttp2-client", "-n", "1000", "-c", "10", "-m", "10", "--no-tls-proto=h2c", $"{url}/item");

            Assert.Contains("book", answer, StringComparison.Ordinal);
            Assert.Contains(":status: 404", answer, StringComparison.Ordinal);
            Assert.Contains("grpc-status: 0", answer, StringComparison.Ordinal); // the trailer
            Assert.Contains("1000 succeeded, 0 failed, 0 errored, 0 timeout", load, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
