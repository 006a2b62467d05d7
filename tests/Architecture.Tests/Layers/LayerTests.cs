using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Architecture.Tests.Layers;

public sealed class LayerTests
{
    private static string ProtocolsPath => typeof(ProtocolError).Assembly.Location;

    private static string LibraryPath => typeof(Gate.PolicyGate).Assembly.Location;

    [Fact]
    public void Protocols_types_use_only_what_their_layer_allows() =>
        AssertNone(LayerRule.Violations(LayerRules.Protocols, AssemblyReader.Uses(ProtocolsPath)));

    [Fact]
    public void Library_types_use_only_what_their_layer_allows() =>
        AssertNone(LayerRule.Violations(LayerRules.Library, AssemblyReader.Uses(LibraryPath)));

    [Fact]
    public void Protocols_assembly_references_only_the_base_class_library() =>
        AssertNone([.. AssemblyReader.References(ProtocolsPath).Where(name => !name.StartsWith("System.", StringComparison.Ordinal))]);

    [Fact]
    public void Library_assembly_references_only_the_framework_its_parsers_and_the_YAML_reader()
    {
        string[] allowed = ["PolicyProxy.Protocols", "YamlDotNet", "Grpc.Core.Api"];
        AssertNone([.. AssemblyReader.References(LibraryPath).Where(name =>
            !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.", StringComparison.Ordinal) && !allowed.Contains(name))]);
    }

    [Theory]
    [InlineData("InBody", "System.IO.File")]
    [InlineData("BehindSwitch", "System.IO.MemoryStream")]
    [InlineData("InField", "System.Threading.Tasks.Task`1")]
    [InlineData("InGenericArgument", "System.Net.Sockets.Socket")]
    [InlineData("InSignature", "System.IO.Stream")]
    public void Reader_finds_a_use_wherever_it_hides(string user, string used)
    {
        var uses = AssemblyReader.Uses(typeof(LayerTests).Assembly.Location);
        Assert.Contains(new TypeUse($"PolicyProxy.Architecture.Tests.Layers.Offenders.{user}", used), uses);
    }

    [Fact]
    public void Rule_reports_every_forbidden_use_and_no_allowed_one()
    {
        LayerRule[] rules = [new("PolicyProxy.Architecture.Tests.Layers.Offenders") { May = ["System"], Never = ["System.IO"] }];
        var violations = LayerRule.Violations(rules, AssemblyReader.Uses(typeof(LayerTests).Assembly.Location));
        Assert.Contains(violations, line => line.Contains("InBody uses System.IO.File,", StringComparison.Ordinal));
        Assert.Contains(violations, line => line.Contains("InSignature uses System.IO.Stream,", StringComparison.Ordinal));
        Assert.DoesNotContain(violations, line => line.Contains("InField", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("A.B.Type", true)]
    [InlineData("A.Bad.Type", false)]
    [InlineData("A.Bad.Good", true)]
    [InlineData("Own.Type", true)]
    [InlineData("AB.Type", false)]
    public void Rule_lets_the_longest_name_decide(string used, bool allowed)
    {
        var rule = new LayerRule("Own") { May = ["A", "A.Bad.Good"], Never = ["A.Bad"] };
        Assert.Equal(allowed, rule.Allows(used));
    }

    [Fact]
    public void Every_namespace_of_the_library_has_a_rule_of_its_own_layer()
    {
        var folders = Repository.Files("src/PolicyProxy", "*.cs").Select(path => path.Split('/')[2]).Where(part => !part.EndsWith(".cs", StringComparison.Ordinal)).Distinct();
        AssertNone([.. folders.Where(folder => LayerRules.Library.All(rule => rule.Namespace != $"PolicyProxy.{folder}"))]);
    }

    [Fact]
    public void Reader_sees_the_request_view_in_the_protocols_assembly() =>
        Assert.Contains(AssemblyReader.Uses(LibraryPath), use => use.User == "PolicyProxy.Gate.PolicyGate" && use.Used == typeof(IHttpRequest).FullName);

    private static void AssertNone(IReadOnlyList<string> violations) =>
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
}
