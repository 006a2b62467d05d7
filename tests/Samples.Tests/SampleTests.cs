namespace PolicyProxy.Samples.Tests;

/// <summary>Runs each sample's script, which starts the sample, sends requests that pass and that are refused, and compares the answers.</summary>
[Collection(nameof(Shell))]
public sealed class SampleTests
{
    public static TheoryData<string> Scripts { get; } = [.. Repository.Files("samples", "sample.sh")];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Sample_lets_one_request_pass_and_refuses_another(string script)
    {
        var result = await Shell.BashAsync(script);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Matches("200  curl|written to orders|GetItem: book|policy as listed: passed", result.Output);
        Assert.Matches("403  curl|refused: Broker: Topic authorization failed|Add: PermissionDenied, Access denied|policy with more: refused", result.Output);
    }

    [Fact]
    public void Every_sample_program_has_a_script() =>
        Assert.All(
            Repository.Files("samples", "*.csproj").Select(path => path.Split('/')[1]).Distinct(),
            sample => Assert.True(File.Exists(Path.Combine(Repository.Root, "samples", sample, "sample.sh")), sample));
}
