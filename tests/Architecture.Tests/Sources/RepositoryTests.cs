namespace PolicyProxy.Architecture.Tests.Sources;

/// <summary>What every checkout has to hold.</summary>
public sealed class RepositoryTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("LICENSE")]
    [InlineData("CHANGELOG.md")]
    [InlineData("THIRD-PARTY-NOTICES.md")]
    [InlineData("docs/README.md")]
    public void Root_document_exists_and_is_not_empty(string path) => Assert.NotEmpty(Repository.Read(path).Trim());

    [Theory]
    [InlineData("policyproxy")]
    [InlineData("test.sh")]
    [InlineData(".ci/run")]
    public void Root_script_can_be_executed(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, path)).HasFlag(UnixFileMode.UserExecute), path);
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("PolicyProxy.sln").Replace('\\', '/');
        var projects = new[] { "src", "tests", "samples" }.SelectMany(folder => Repository.Files(folder, "*.csproj"));
        Assert.Equal([], projects.Where(path => !solution.Contains(path, StringComparison.Ordinal)).ToList());
    }

    [Fact]
    public void Every_package_dependency_is_named_in_the_third_party_notices()
    {
        var notices = Repository.Read("THIRD-PARTY-NOTICES.md");
        var used = Repository.Files("src", "*.csproj")
            .SelectMany(path => System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, path)).Descendants("PackageReference"))
            .Where(reference => (string?)reference.Attribute("PrivateAssets") != "all")
            .Select(reference => (string)reference.Attribute("Include")!)
            .Distinct();
        Assert.Equal([], used.Where(name => !notices.Contains(name, StringComparison.Ordinal)).ToList());
    }
}
