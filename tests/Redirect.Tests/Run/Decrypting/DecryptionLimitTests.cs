namespace PolicyProxy.Redirect.Tests.Run.Decrypting;

/// <summary>What is not decrypted, and why; and that nothing is let through for it.</summary>
public sealed class DecryptionLimitTests(DecryptedWorld world) : IClassFixture<DecryptedWorld>
{
    private const string Curl = "curl -sS -m 20 -o /dev/null -w '%{http_code}\\n'";

    private string[] Trusting => ["--upstream-ca", world.RootFile];

    [Fact]
    public async Task Name_that_a_rule_for_server_names_admits_passes_untouched_with_the_servers_own_certificate()
    {
        var result = await world.RunAsync("sh", "-c", $"""
            for n in through api; do openssl s_client -connect $n.test:443 -servername $n.test </dev/null 2>/dev/null | openssl x509 -noout -issuer; done
            {Curl} -X POST https://through.test/untouched
            """);

        Assert.Matches("^issuer=CN = Private CA\nissuer=CN = PolicyProxy run [0-9A-F]{16}\n200\n$", result.Output);
        Assert.Contains(world.Server.Requests, static request => request.Contains("POST through.test /untouched", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--pinnedpubkey sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 90, "the client has left after the handshake without asking anything")]
    [InlineData("--cacert ROOT", 60, "the client does not accept the certificate made for api.test here")]
    public async Task Pinned_client_is_refused_with_the_reason(string pin, int exitCode, string reason)
    {
        var result = await world.RunAsync("sh", "-c", $"curl -sS -m 20 {pin.Replace("ROOT", world.RootFile, StringComparison.Ordinal)} https://api.test/pinned");

        Assert.True(result.ExitCode == exitCode, $"{result}");
        Assert.Contains(reason, result.Errors);
        Assert.Contains("a rule with serverNames and without layer 7 rules passes the name untouched", result.Errors);
        Assert.DoesNotContain(world.Server.Requests, static request => request.Contains("/pinned", StringComparison.Ordinal));
    }

    /// <summary>Domain fronting: both names are allowed, at the same address, by the same rule.</summary>
    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http2")]
    public async Task Request_for_another_host_than_the_handshake_is_misdirected(string version)
    {
        var result = await world.RunAsync("sh", "-c", $"{Curl} {version} -H 'Host: front.test' https://api.test/fronted; {Curl} {version} https://front.test/direct");

        Assert.True(result.Output == "421\n200\n", $"{result}");
        Assert.Contains("the TLS handshake was for api.test", result.Errors);
        Assert.DoesNotContain(world.Server.Requests, static request => request.Contains("/fronted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Handshake_without_a_name_is_reset()
    {
        var result = await world.RunAsync("sh", "-c", "openssl s_client -connect api.test:443 -noservername </dev/null 2>&1 | grep -c 'BEGIN CERTIFICATE'");

        Assert.True(result.Output == "0\n", $"{result}");
        Assert.Contains("it shows no name", result.Errors);
    }

    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http2")]
    public async Task Server_whose_certificate_is_not_trusted_is_not_spoken_to(string version)
    {
        var result = await world.RunAsync(DecryptedWorld.Policy, [], ["sh", "-c", $"{Curl} {version} https://api.test/untrusted; {Curl} {version} -X POST https://api.test/untrusted"]);

        Assert.True(result.Output == "502\n403\n", $"{result}");
        Assert.Contains("the certificate of api.test is not trusted", result.Errors);
        Assert.DoesNotContain(world.Server.Requests, static request => request.Contains("/untrusted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_whose_certificate_is_for_another_name_is_not_spoken_to()
    {
        var result = await world.RunAsync("sh", "-c", $"{Curl} https://untrusted.test/misnamed");

        Assert.True(result.Output == "502\n", $"{result}");
        Assert.Contains("the certificate shown is not for untrusted.test", result.Errors);
        Assert.DoesNotContain(world.Server.Requests, static request => request.Contains("/misnamed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_decryption_what_rules_need_to_see_is_refused_with_the_reason()
    {
        var result = await world.RunAsync(DecryptedWorld.Policy, ["--tls", "deny", .. Trusting], ["sh", "-c", $"env | grep -c policyproxy-; curl -sS -m 20 https://api.test/; echo $?; curl -k -sS -m 20 https://through.test/kept"]);

        Assert.True(result.Output == "0\n35\nGET through.test /kept", $"{result}");
        Assert.Contains("rules need to see what is inside TLS, and there is no terminatingTLS", result.Errors);
    }

    [Fact]
    public async Task Variables_that_are_set_already_are_added_to()
    {
        var own = Path.GetTempFileName();
        await File.WriteAllTextAsync(own, await File.ReadAllTextAsync(world.RootFile));
        try
        {
            var result = await world.RunAsync(
                DecryptedWorld.Policy, Trusting, ["sh", "-c", "grep -c BEGIN \"$REQUESTS_CA_BUNDLE\"; echo \"$JAVA_TOOL_OPTIONS\""], $"REQUESTS_CA_BUNDLE={own}", "JAVA_TOOL_OPTIONS=-Xmx1g");

            Assert.StartsWith("3\n-Xmx1g -Djavax.net.ssl.trustStore=", result.Output, StringComparison.Ordinal); // its own, this run's and --upstream-ca's
        }
        finally
        {
            File.Delete(own);
        }
    }

    [Fact]
    public async Task Nothing_of_the_trust_is_left_behind()
    {
        var result = await world.RunAsync("sh", "-c", "dirname \"$SSL_CERT_FILE\"; stat -c %a \"$SSL_CERT_FILE\"; grep -l PRIVATE \"$(dirname \"$SSL_CERT_FILE\")\"/*; true");

        var lines = result.Output.Split('\n');
        Assert.Equal("644", lines[1]);
        Assert.Equal(string.Empty, lines[2]); // no key
        Assert.False(Directory.Exists(lines[0]), lines[0]);
    }

    [Fact]
    public async Task Address_without_a_name_is_decrypted_for_the_address()
    {
        var policy = Policies.Egress($$"""
            - toCIDR: ["{{world.Network.V4(4)}}/32", "{{world.Network.V6(4)}}/128"]
              toPorts:
              - ports: [{port: "443", protocol: TCP}]
                rules:
                  http: [method: GET]
            """);
        var result = await world.RunAsync(policy, Trusting, ["sh", "-c", $"{Curl} https://{world.Network.V4(4)}/address; {Curl} -g https://[{world.Network.V6(4)}]/address"]);

        // The client accepts what it is shown; the server has no certificate for its address.
        Assert.True(result.Output == "502\n502\n", $"{result}");
        Assert.Contains($"the certificate shown is not for {world.Network.V4(4)}", result.Errors);
        Assert.Contains($"the certificate shown is not for [{world.Network.V6(4)}]", result.Errors);
    }
}
