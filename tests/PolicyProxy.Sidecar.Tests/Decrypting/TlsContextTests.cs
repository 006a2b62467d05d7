using PolicyProxy.Flows;

namespace PolicyProxy.Sidecar.Tests.Decrypting;

/// <summary>terminatingTLS and originatingTLS with curl and Kestrel (semantics 8.4, 8.5).</summary>
public sealed class TlsContextTests
{
    private const string Terminating = "terminatingTLS: {secret: {name: edge}}";
    private const string Originating = "originatingTLS: {secret: {name: origin}}";
    private const string OnlyGet = "rules: {http: [{method: GET}]}";

    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http2")]
    public async Task Both_contexts_let_rules_see_requests_and_keep_them_encrypted_on_both_sides(string version)
    {
        await using var bench = await ContextBench.StartAsync($"{Terminating}, {Originating}, {OnlyGet}");

        Assert.Equal("https GET api.test/a proxy.client 200", await bench.CurlAsync("https://api.test/a", version));
        Assert.Equal("Access denied\r\n403", await bench.CurlAsync("https://api.test/a", version, "-X", "POST"));
        Assert.DoesNotContain(bench.Requests, static request => request.Contains("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Terminating_alone_speaks_to_the_server_in_the_open()
    {
        await using var bench = await ContextBench.StartAsync($"{Terminating}, {OnlyGet}", speaksTls: false);

        Assert.Equal("http GET api.test/a nobody 200", await bench.CurlAsync("https://api.test/a"));
        Assert.Equal("Access denied\r\n403", await bench.CurlAsync("https://api.test/a", "-X", "POST"));
    }

    [Fact]
    public async Task Terminating_without_rules_for_requests_passes_what_is_inside()
    {
        await using var bench = await ContextBench.StartAsync($"{Terminating}, {Originating}");

        Assert.Equal("https POST api.test/a proxy.client 200", await bench.CurlAsync("https://api.test/a", "-X", "POST"));
    }

    [Fact]
    public async Task Originating_alone_encrypts_what_came_in_the_open()
    {
        await using var bench = await ContextBench.StartAsync($"{Originating}, {OnlyGet}");

        var answer = await bench.CurlAsync("http://api.test/a", "-p");
        Assert.True(answer == "https GET api.test/a proxy.client 200", $"{answer}: {string.Join("; ", bench.Sidecar.Seen().Select(static flow => flow.Note))}");
        Assert.Equal("Access denied\r\n403", await bench.CurlAsync("http://api.test/a", "-p", "-X", "POST"));

        // The server has no certificate for it.
        Assert.EndsWith("502", await bench.CurlAsync("http://other.test/a", "-p"), StringComparison.Ordinal);
        await bench.SeenAsync(static flow => flow.Note.Contains("upstream", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_names_narrow_the_rule_and_its_context()
    {
        await using var bench = await ContextBench.StartAsync($"serverNames: [api.test], {Terminating}, {Originating}, {OnlyGet}");

        Assert.EndsWith("200", await bench.CurlAsync("https://api.test/a"), StringComparison.Ordinal);
        Assert.StartsWith("000", await bench.CurlAsync("https://other.test/a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_secret_is_used_from_the_next_connection_on_and_a_broken_one_is_not()
    {
        await using var bench = await ContextBench.StartAsync($"{Terminating}, {Originating}, {OnlyGet}");
        Assert.EndsWith("200", await bench.CurlAsync("https://api.test/before"), StringComparison.Ordinal);

        bench.Rotate();
        Assert.EndsWith("200", await bench.CurlAsync("https://api.test/after"), StringComparison.Ordinal);

        bench.Write("edge", new Dictionary<string, string> { ["tls.key"] = "no key" });
        Assert.EndsWith("200", await bench.CurlAsync("https://api.test/broken"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edge")]
    [InlineData("origin")]
    public async Task Missing_secret_refuses_the_connection_and_nothing_reaches_the_server(string name)
    {
        await using var bench = await ContextBench.StartAsync($"{Terminating}, {Originating}, {OnlyGet}");
        bench.Remove(name);

        Assert.StartsWith("000", await bench.CurlAsync("https://api.test/a"), StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
        await bench.SeenAsync(flow => flow.Verdict == FlowVerdict.Dropped && flow.Note == $"the secret default/{name} is missing");
    }

    [Fact]
    public async Task Missing_secret_is_no_reason_to_send_in_the_open()
    {
        await using var bench = await ContextBench.StartAsync($"{Originating}, {OnlyGet}", speaksTls: false);
        bench.Remove("origin");

        Assert.EndsWith("502", await bench.CurlAsync("http://api.test/a", "-p"), StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
    }

    [Fact]
    public async Task Secret_among_the_policies_is_used_and_follows_them()
    {
        await using var bench = await ContextBench.StartAsync($"{Terminating}, {Originating}, {OnlyGet}");
        bench.Remove("edge");
        await bench.Sidecar.ReloadAsync($"{bench.Policy($"{Terminating}, {Originating}, {OnlyGet}")}\n---\n{Yaml(bench.Edge.Secret("api.test"))}");
        Assert.EndsWith("200", await bench.CurlAsync("https://api.test/a"), StringComparison.Ordinal);

        using var other = new TestAuthority("Third CA");
        await bench.Sidecar.ReloadAsync($"{bench.Policy($"{Terminating}, {Originating}, {OnlyGet}")}\n---\n{Yaml(other.Secret("api.test"))}");
        Assert.Contains("certificate", await bench.CurlAsync("https://api.test/a"), StringComparison.Ordinal); // curl still trusts the first
    }

    [Fact]
    public async Task Without_a_context_rules_for_requests_refuse_TLS_with_the_reason()
    {
        await using var bench = await ContextBench.StartAsync(OnlyGet);

        Assert.StartsWith("000", await bench.CurlAsync("https://api.test/a"), StringComparison.Ordinal);
        await bench.SeenAsync(static flow => flow.Note == "rules need to see what is inside TLS, and there is no terminatingTLS");
    }

    private static string Yaml(Dictionary<string, string> items) =>
        $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: edge, namespace: default}
        data: {{{string.Join(", ", items.Select(static item => $"{item.Key}: {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(item.Value))}"))}}}
        """;
}
