using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Samples.Tests;

/// <summary>Every policy that a document or a sample shows can be put in force.</summary>
public sealed class PolicyFileTests
{
    // samples/ci holds a workflow of a build service, which is YAML but no policy.
    public static TheoryData<string> Policies { get; } =
        [.. Repository.Files("samples", "*.yaml").Where(path => !path.Contains("samples/ci/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Policy_of_the_samples_compiles_without_an_error_or_a_warning(string path)
    {
        using var engine = new PolicyEngine(new PolicyCompilerOptions());
        var compilation = engine.Publish(new FilePolicySource(Path.Combine(Repository.Root, path)).GetPolicies());
        Assert.Equal([], compilation.Diagnostics.Select(diagnostic => diagnostic.ToString()).ToList());
        Assert.True(compilation.Succeeded);
    }

    [Fact]
    public void There_are_policies_to_look_at() => Assert.True(Policies.Count > 3);
}
