using System.Net;
using System.Net.Http.Headers;
using PolicyProxy.Gate;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>Redirects are followed above the door, so that no hop passes it unseen.</summary>
public sealed class RedirectTests
{
    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Redirect_to_a_denied_target_is_refused(int status)
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld(PolicyProxyHandlerTests.Http(server.Port, """{path: "/to.*"}""", """{path: "/public"}"""));
        var url = $"http://127.0.0.1:{server.Port}";

        Assert.Equal((200, "GET /public"), await world.GetAsync($"{url}/to?{status}&/public"));
        Assert.Equal(403, (await world.GetAsync($"{url}/to?{status}&/private")).Status);
        Assert.DoesNotContain(server.Requests, static request => request.Line.EndsWith(" /private", StringComparison.Ordinal));
    }

    // The rules admit all the world, every port: that does not speak of these addresses.
    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/", "169.254.169.254")]
    [InlineData("http://2852039166/", "169.254.169.254")]
    [InlineData("http://[::ffff:169.254.169.254]/", "169.254.169.254")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/", "64:ff9b::a9fe:a9fe")]
    [InlineData("http://10.0.0.1/", "10.0.0.1")]
    [InlineData("http://[fd00:ec2::254]/", "fd00:ec2::254")]
    public async Task Redirect_to_a_special_address_is_refused_whatever_admits_all_the_world(string target, string address)
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld("- toEntities: [host, world]\n- toCIDR: [0.0.0.0/0]");

        Assert.Equal(403, (await world.GetAsync($"http://127.0.0.1:{server.Port}/to?302&{target}")).Status);

        var denial = Assert.Single(world.Denials);
        Assert.Equal((VerdictReason.DefaultDeny, address), (denial.Reason, denial.Destination.Address?.Address.ToString()));
        Assert.Contains("which only a rule for that network", denial.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_without_an_end_is_given_back()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld("- toEntities: [host]", transport: new SocketsHttpHandler { MaxAutomaticRedirections = 3 });

        Assert.Equal(302, (await world.GetAsync($"http://127.0.0.1:{server.Port}/to?302&/to?302&/x/../to?302&/to?302&/to?302&/end")).Status);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task Redirect_is_given_back_when_the_transport_follows_none()
    {
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld("- toEntities: [host]", transport: new SocketsHttpHandler { AllowAutoRedirect = false });
        Assert.Equal(302, (await world.GetAsync($"http://127.0.0.1:{server.Port}/to?302&/a")).Status);
    }

    [Fact]
    public async Task Redirected_post_becomes_a_get_without_what_was_for_the_first_server()
    {
        await using var other = await WebServer.StartAsync(IPAddress.Loopback, show: ["authorization", "cookie", "content-length"]);
        await using var server = await WebServer.StartAsync(IPAddress.Loopback);
        using var world = new ClientWorld("- toEntities: [host]");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.Port}/to?302&http://127.0.0.1:{other.Port}/b")
        {
            Content = new StringContent("body"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "s3cret");
        request.Headers.Add("Cookie", "a=b");
        request.Headers.Host = "first.example.com";

        Assert.Equal((200, "GET /b|authorization=|cookie=|content-length="), await world.SendAsync(request));
        Assert.Equal($"GET 127.0.0.1:{other.Port} /b", Assert.Single(other.Requests).Line);
    }
}
