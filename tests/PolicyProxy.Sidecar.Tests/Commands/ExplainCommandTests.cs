using System.Text.Json;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class ExplainCommandTests : IDisposable
{
    private readonly PolicyFolder _folder = new();
    private readonly string _api;
    private readonly string _worker;
    private readonly string _inventory;

    public ExplainCommandTests()
    {
        _api = _folder.Write("api.yaml", PolicyFolder.Api);
        _worker = _folder.Write("worker.yaml", PolicyFolder.Worker);
        _inventory = _folder.Write("inventory.yaml", PolicyFolder.Inventory);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ExplainCommand_allowed_request_names_the_rule_and_its_line()
    {
        var run = CommandRun.Of("explain", "-p", _api, "--from", "app=web", "GET http://api:8080/public");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("FORWARDED  GET http://api:8080/public", run.Out, StringComparison.Ordinal);
        Assert.Contains($"decided by: CiliumNetworkPolicy/shop/api spec.ingress[0].toPorts[0].rules.http[0] ({_api}:12)", run.Out, StringComparison.Ordinal);
        Assert.Contains("12 |         - method: GET", run.Out, StringComparison.Ordinal);
        Assert.Contains("assumed: the subject is app=api", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainCommand_denied_request_shows_what_every_rule_missed_and_the_nearest()
    {
        var run = CommandRun.Of("explain", "-p", _api, "--from", "app=web", "POST http://api:8080/public");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("DROPPED  POST http://api:8080/public", run.Out, StringComparison.Ordinal);
        Assert.Contains("path \"/public\" does not match \"/private\"", run.Out, StringComparison.Ordinal);
        Assert.Contains($"nearest: CiliumNetworkPolicy/shop/api spec.ingress[0].toPorts[0].rules.http[0] ({_api}:12)", run.Out, StringComparison.Ordinal);
        Assert.Contains("method \"POST\" does not match \"GET\"", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET https://api.example.com/a", "api.example.com", "is decrypted by policyproxy run, with an authority made for the run; a sidecar refuses it")]
    [InlineData("tls api.example.com", "api.example.com", "is decrypted by policyproxy run")]
    [InlineData("tls pinned.example.com", "pinned.example.com", "passes untouched: a rule admits the name without rules for requests")]
    [InlineData("GET http://api.example.com:443/a", "api.example.com", null)]
    public void ExplainCommand_says_what_becomes_of_TLS(string request, string to, string? expected)
    {
        var run = CommandRun.Of("explain", "-p", RepositoryFiles.PathOf("samples/policies/tls.yaml"), "--to", to, request);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(expected is not null, run.Out.Contains("  tls         ", StringComparison.Ordinal));
        Assert.Contains(expected ?? "FORWARDED", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("originatingTLS: {secret: {name: origin}}", 0, "FORWARDED")]
    [InlineData("", 1, "nothing proves whom it would reach")]
    public void ExplainCommand_says_whether_a_secret_is_sent(string context, int exitCode, string expected)
    {
        var policy = _folder.Write("secret.yaml", $$$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: worker, namespace: default}
            spec:
              endpointSelector: {matchLabels: {app: worker}}
              egress:
              - toFQDNs: [{matchName: api.example.com}]
                toPorts:
                - ports: [{port: "80", protocol: TCP}]
                  {{{context}}}
                  rules: {http: [{method: GET, headerMatches: [{name: X-Token, secret: {name: token}, mismatch: ADD}]}]}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: token, namespace: default}
            stringData: {value: s3cr3t}
            """);
        var run = CommandRun.Of("explain", "-p", policy, "--to", "api.example.com", "GET http://api.example.com/a");

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "X-Token: 42")]
    [InlineData(1, "X-Token: 43")]
    public void ExplainCommand_headers_take_part(int expected, string header)
    {
        var run = CommandRun.Of("explain", "-p", _api, "--from", "app=web", "-H", header, "GET", "http://api:8080/private");

        Assert.Equal(expected, run.ExitCode);
    }

    [Theory]
    [InlineData(1, "world")]
    [InlineData(1, "app=other")]
    [InlineData(1, "203.0.113.7")]
    [InlineData(0, "host")]
    [InlineData(1, "app=web,io.kubernetes.pod.namespace=other")]
    public void ExplainCommand_peers_are_labels_addresses_or_entities(int expected, string from)
    {
        var run = CommandRun.Of("explain", "-p", _api, "--from", from, "GET http://api:8080/public");

        Assert.Equal((expected, string.Empty), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData(0, "connect tcp 5432", "203.0.113.7")]
    [InlineData(1, "connect tcp 5432", "198.51.100.7")]
    [InlineData(1, "connect tcp 5433", "203.0.113.7")]
    [InlineData(1, "connect udp 5432", "203.0.113.7")]
    [InlineData(0, "GET http://x:8080/any", "app=api")]
    [InlineData(0, "tls www.example.com", "www.example.com")]
    [InlineData(1, "tls other.example.com", "www.example.com")]
    [InlineData(1, "tls", "www.example.com")]
    [InlineData(1, "tls www.example.org", "www.example.org")]
    [InlineData(0, "dns A www.example.com", "k8s-app=kube-dns,io.kubernetes.pod.namespace=kube-system")]
    [InlineData(1, "dns A www.example.org", "k8s-app=kube-dns,io.kubernetes.pod.namespace=kube-system")]
    [InlineData(1, "dns A www.example.com", "app=api")]
    public void ExplainCommand_egress_judges_connections_names_and_queries(int expected, string request, string to)
    {
        var run = CommandRun.Of("explain", "-p", _worker, "--to", to, request);

        Assert.Equal((expected, string.Empty), (run.ExitCode, run.Error));
    }

    [Fact]
    public void ExplainCommand_with_both_ends_asks_both_policies()
    {
        var run = CommandRun.Of("explain", "-p", _api, "-p", _worker, "-o", "json", "--from", "app=worker", "--to", "app=api", "GET http://api:8080/public");

        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Out);
        var answers = json.RootElement.GetProperty("answers").EnumerateArray().ToList();
        Assert.Equal(["egress FORWARDED", "ingress DROPPED"], answers.Select(a => $"{a.GetProperty("direction").GetString()} {a.GetProperty("verdict").GetString()}"));
        Assert.False(json.RootElement.GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public void ExplainCommand_url_host_can_be_a_service_of_the_inventory()
    {
        var run = CommandRun.Of("explain", "-p", _worker, "-i", _inventory, "GET http://api.shop.svc.cluster.local:8080/x");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("to pod shop/api-0", run.Out, StringComparison.Ordinal);
        Assert.Contains("is service shop/api", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainCommand_address_of_a_pod_is_the_pod()
    {
        var run = CommandRun.Of("explain", "-p", _api, "-i", _inventory, "--from", "10.0.0.8", "GET http://api:8080/public");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("pod shop/web-0", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainCommand_json_has_the_rule_the_nearest_and_the_steps()
    {
        var run = CommandRun.Of("explain", "-p", _api, "-o", "json", "--from", "app=web", "DELETE http://api:8080/public");

        using var json = JsonDocument.Parse(run.Out);
        var answer = json.RootElement.GetProperty("answers")[0];
        Assert.Equal("DROPPED", answer.GetProperty("verdict").GetString());
        Assert.Equal("NoRuleMatched", answer.GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("rule").ValueKind);
        Assert.Equal(12, answer.GetProperty("nearest").GetProperty("rule").GetProperty("line").GetInt32());
        Assert.Contains(answer.GetProperty("steps").EnumerateArray(), s => s.GetProperty("outcome").GetString() == "misses");
        Assert.Equal("http", answer.GetProperty("inspects").GetString());
    }

    [Theory]
    [InlineData("who connects?", "GET http://api:8080/public")]
    [InlineData("cannot read the request", "--from", "app=web", "hello")]
    [InlineData("is neither labels", "--from", "nobody", "GET http://api:8080/")]
    [InlineData("stands for many peers", "--from", "cluster", "GET http://api:8080/")]
    [InlineData("which port?", "--from", "app=web", "GET /public")]
    public void ExplainCommand_incomplete_question_says_what_is_missing(string expected, params string[] args)
    {
        var run = CommandRun.Of(["explain", "-p", _api, .. args]);

        Assert.Equal((2, string.Empty), (run.ExitCode, run.Out));
        Assert.StartsWith("policyproxy: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainCommand_several_subjects_are_listed_for_the_user_to_choose()
    {
        var other = _folder.Write("other.yaml", PolicyFolder.Api.Replace("app: api", "app: db", StringComparison.Ordinal).Replace("name: api", "name: db", StringComparison.Ordinal));

        var run = CommandRun.Of("explain", "-p", _api, "-p", other, "--from", "app=web", "GET http://api:8080/public");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("app=api,io.kubernetes.pod.namespace=shop | app=db,", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainCommand_policy_with_errors_is_not_asked()
    {
        var broken = _folder.Write("broken.yaml", PolicyFolder.Api.Replace("TCP", "TPC", StringComparison.Ordinal));

        var run = CommandRun.Of("explain", "-p", broken, "--from", "app=web", "GET http://api:8080/public");

        Assert.Equal((2, string.Empty), (run.ExitCode, run.Out));
        Assert.Contains($"{broken}:9:", run.Error, StringComparison.Ordinal);
        Assert.Contains("policyproxy: the policies have an error", run.Error, StringComparison.Ordinal);
    }
}
