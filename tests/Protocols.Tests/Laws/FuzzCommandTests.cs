using PolicyProxy.Fuzz;

namespace PolicyProxy.Protocols.Tests.Laws;

public sealed class FuzzCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("policyproxy-fuzz-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    [Fact]
    public void Fuzz_list_names_every_target_with_a_dictionary_that_can_be_read()
    {
        Assert.Equal(0, Run("list"));
        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' ')).ToList();
        Assert.Equal(FuzzTargets.All.Select(target => target.Name), lines.Select(line => line[0]));
        Assert.All(lines, line => Assert.NotEmpty(FuzzDictionary.Read(line[1])));
    }

    [Fact]
    public void Fuzz_seeds_that_were_written_can_be_replayed()
    {
        Assert.Equal(0, Run("seeds", "http1-body", _folder));
        var files = Directory.GetFiles(_folder);
        Assert.Equal(FuzzTargets.Find("http1-body")!.Seeds.Count, files.Length);
        Assert.Equal(0, Run(["replay", "http1-body", .. files]));
        Assert.Equal(files.Length, _output.ToString().Split('\n').Count(line => line.EndsWith(": Accepted", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData]
    [InlineData("fuzz", "no-such-target")]
    [InlineData("replay", "http1-body")]
    [InlineData("seeds", "http1-body")]
    public void Fuzz_wrong_usage_is_explained(params string[] arguments)
    {
        Assert.Equal(2, Run(arguments));
        Assert.StartsWith("usage: ", _errors.ToString());
    }

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private int Run(params string[] arguments) => FuzzCommand.Run(arguments, _output, _errors);
}
