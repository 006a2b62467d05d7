using System.Reflection;
using System.Text.RegularExpressions;

namespace PolicyProxy.Architecture.Tests.Docs;

/// <summary>A README that names a type which is gone is worse than none.</summary>
public sealed partial class FolderReadmeTests
{
    private const int MaxLines = 60;
    private const BindingFlags AllMembers = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    // Words in the style of types that are not types of ours: resource kinds and environment.
    private static readonly HashSet<string> s_otherWords =
    [
        "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "CiliumCIDRGroup", "NetworkPolicy", "L7NetworkPolicy", "L7ClusterwideNetworkPolicy",
    ];

    public static TheoryData<string> Readmes { get; } =
        [.. Repository.Files("src", "README.md").Append("docs/explanation/architecture.md").Concat(Repository.Files("docs/explanation/decisions", "*.md"))];

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Type_or_member_in_backticks_exists(string readme) => Assert.Equal([], UnknownNames(Repository.Read(readme), KnownNames()));

    [Fact]
    public void Folder_readme_stays_short() =>
        Assert.Equal([], Repository.Files("src", "README.md").Where(path => Repository.Read(path).Split('\n').Length > MaxLines).ToList());

    [Fact]
    public void Name_that_is_gone_is_found() =>
        Assert.Equal(["GhostScanner"], UnknownNames("The `GhostScanner` feeds the `PolicyGate`; `spec.ingress` and `403` are not types.", KnownNames()));

    private static List<string> UnknownNames(string content, HashSet<string> known) =>
        [.. Backticked().Matches(Markdown.Prose(content))
            .Select(match => match.Groups[1].Value)
            .Where(name => !known.Contains(name) && !s_otherWords.Contains(name))
            .Distinct()];

    private static HashSet<string> KnownNames()
    {
        Assembly[] assemblies = [typeof(Protocols.ProtocolError).Assembly, typeof(Gate.PolicyGate).Assembly, Assembly.Load("PolicyProxy.Sidecar")];
        var types = assemblies.SelectMany(assembly => assembly.GetTypes());
        return
        [
            .. types.Select(type => type.Name.Split('`')[0]),
            .. types.SelectMany(type => (type.Namespace ?? string.Empty).Split('.')),
            .. types.SelectMany(type => type.GetMembers(AllMembers)).Select(member => member.Name),
            "System", "Microsoft",
        ];
    }

    // `Type`, `Type.Member(...)` and `Type<T>`: a capital, then a lower-case letter somewhere.
    [GeneratedRegex(@"`([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)(?:[.<(][^`]*)?`")]
    private static partial Regex Backticked();
}
