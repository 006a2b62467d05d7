using System.Text.Json;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class CheckCommandTests : IDisposable
{
    private const string Broken = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: broken, namespace: shop}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - fromEntities: [moon]
            toPorts: [{ports: [{port: "80"}], rules: {http: [{method: get}]}}]
        """;

    private readonly PolicyFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CheckCommand_clean_file_prints_the_summary_only()
    {
        var run = CommandRun.Of("check", _folder.Write("api.yaml", PolicyFolder.Api));

        Assert.Equal(new CommandRun(0, "0 errors, 0 warnings in 1 file" + Environment.NewLine, string.Empty), run);
    }

    [Fact]
    public void CheckCommand_reports_every_problem_of_every_file_with_place_and_fix()
    {
        var broken = _folder.Write("broken.yaml", Broken);
        _folder.Write("api.yaml", PolicyFolder.Api);

        var run = CommandRun.Of("check", _folder.Path);

        Assert.Equal(1, run.ExitCode);
        var lines = run.Out.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.All(lines[..^1], line => Assert.Matches(@"^.*\.yaml:\d+:\d+: (error|warning|info) PP\d{4}: .*\. Fix: .+$", line));
        Assert.Contains(lines, line => line.StartsWith($"{broken}:7:", StringComparison.Ordinal) && line.Contains("moon", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("error PP1302", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("warning PP1507", StringComparison.Ordinal));
        Assert.Equal("2 errors, 1 warning in 2 files", lines[^1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1, "--strict")]
    public void CheckCommand_warnings_fail_only_when_strict(int expected, params string[] options)
    {
        var path = _folder.Write("api.yaml", PolicyFolder.Api.Replace("GET", "get", StringComparison.Ordinal));

        var run = CommandRun.Of(["check", path, .. options]);

        Assert.Equal(expected, run.ExitCode);
        Assert.Contains("0 errors, 2 warnings in 1 file", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckCommand_json_has_counts_and_diagnostics()
    {
        var path = _folder.Write("broken.yaml", Broken);

        var run = CommandRun.Of("check", "-o", "json", path);

        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Out);
        Assert.Equal(2, json.RootElement.GetProperty("errors").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("files").GetInt32());
        var first = json.RootElement.GetProperty("diagnostics")[0];
        Assert.Equal("error", first.GetProperty("severity").GetString());
        Assert.Equal(path, first.GetProperty("file").GetString());
        Assert.Equal(7, first.GetProperty("line").GetInt32());
        Assert.NotEmpty(first.GetProperty("fix").GetString()!);
    }

    [Fact]
    public void CheckCommand_github_annotates_the_lines()
    {
        var path = _folder.Write("broken.yaml", Broken);

        var run = CommandRun.Of("check", "-o", "github", path);

        Assert.Matches($@"(?m)^::error file={path},line=7,col=\d+,title=PP1110::", run.Out);
        Assert.Matches(@"(?m)^::warning .*title=PP1507::", run.Out);
    }

    [Fact]
    public void CheckCommand_unreadable_yaml_still_checks_the_other_files()
    {
        _folder.Write("a.yaml", "kind: [");
        _folder.Write("b.yaml", PolicyFolder.Api.Replace("GET", "get", StringComparison.Ordinal));

        var run = CommandRun.Of("check", _folder.Path);

        Assert.Contains("PP1001", run.Out, StringComparison.Ordinal);
        Assert.Contains("PP1507", run.Out, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public void CheckCommand_folder_without_policy_files_is_a_failure()
    {
        var run = CommandRun.Of("check", _folder.Path);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("holds no *.yaml", run.Error, StringComparison.Ordinal);
    }
}
