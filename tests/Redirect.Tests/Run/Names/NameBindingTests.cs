namespace PolicyProxy.Redirect.Tests.Run.Names;

/// <summary>An address is open for the name that led to it, not for whatever else is there.</summary>
public sealed class NameBindingTests(NamedWorld world) : IClassFixture<NamedWorld>
{
    private const string Curl = "curl -s -m 20 -o /dev/null -w '%{http_code} %{exitcode}\\n'";

    [Fact]
    public async Task Address_that_no_answer_named_is_refused()
    {
        var result = await world.RunAsync(["sh", "-c", $"{Curl} http://{world.Network.V4(4)}/direct; {Curl} -k https://[{world.Network.V6(4)}]/direct; {Curl} http://{world.Network.V4(5)}/direct; true"]);

        Assert.True(result.Output == "000 7\n000 7\n000 7\n", $"{result}");
    }

    [Theory]
    [InlineData("4")]
    [InlineData("6")]
    public async Task Shared_address_is_open_for_the_allowed_name_alone(string family)
    {
        var host = family == "4" ? $"{world.Network.V4(4)}" : $"[{world.Network.V6(4)}]";
        var result = await world.RunAsync(
        [
            "sh", "-c",
            $"""
            {Curl} -{family} https://good.test/
            {Curl} -{family} http://good.test/
            {Curl} --resolve evil.test:443:{host} https://evil.test/
            {Curl} --resolve evil.test:80:{host} http://evil.test/
            {Curl} -{family} -H 'Host: evil.test' http://good.test/
            {Curl} http://{host}/
            {Curl} -k https://{host}/
            {Curl} -{family} https://good.test/
            true
            """,
        ]);

        Assert.True(result.Output == "200 0\n200 0\n000 35\n403 0\n403 0\n403 0\n000 35\n200 0\n", $"{result}");
        Assert.DoesNotContain(world.Plain.Requests.Concat(world.Tls.Requests), static request => request.Contains("evil.test", StringComparison.Ordinal));
    }

    /// <summary>Two requests on one connection: the second does not ride on the verdict of the first.</summary>
    [Fact]
    public async Task Second_request_of_a_connection_is_held_to_the_name_too()
    {
        const string Program = """
            import http.client
            c = http.client.HTTPConnection("good.test", 80, timeout=20)
            for host in "good.test", "evil.test":
                c.request("GET", "/kept", headers={"Host": host})
                r = c.getresponse()
                r.read()
                print(r.status)
            """;
        var result = await world.RunAsync(["python3", "-c", Program]);

        Assert.True(result.Output == "200\n403\n", $"{result}");
    }

    /// <summary>A protocol without a name to see, as SSH, is not let through to a shared address.</summary>
    [Fact]
    public async Task Connection_that_shows_no_name_is_ended()
    {
        const string Program = """
            import socket
            for port in 443, 80:
                s = socket.create_connection(("good.test", port), 20)
                try:
                    s.sendall(b"SSH-2.0-client\r\n\r\n")
                    print(port, s.recv(100)[:12])
                except OSError as error: print(port, type(error).__name__)
            """;
        var result = await world.RunAsync(["python3", "-c", Program]);

        Assert.Matches(@"^443 (b''|ConnectionResetError)\n80 (b''|ConnectionResetError|b'HTTP/1.1 400')\n$", result.Output);
    }
}
