using System.Text.RegularExpressions;

namespace PolicyProxy.Architecture.Tests.Docs;

/// <summary>Links between documents and to files of the repository lead somewhere. Links to other sites are not followed.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Documents { get; } =
        [.. Markdown.Documents().Concat(Repository.Files("src", "*.md")).Concat(["CHANGELOG.md", "THIRD-PARTY-NOTICES.md"]).Distinct()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Link_leads_to_a_file_and_a_heading(string document) => Assert.Equal([], DeadLinks(document, Repository.Read(document)));

    [Fact]
    public void Dead_links_are_found()
    {
        var dead = DeadLinks("docs/README.md", "[a](no-such-file.md) [b](README.md#no-such-heading) [c](../README.md) [d](https://example.com/x)");
        Assert.Equal(["docs/README.md: no-such-file.md", "docs/README.md: README.md#no-such-heading"], dead);
    }

    [Fact]
    public void Every_document_is_reachable_from_the_index()
    {
        var index = Repository.Files("docs", "*.md").SelectMany(path => Links(Repository.Read(path)).Select(link => Resolve(path, link.Split('#')[0]))).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], Repository.Files("docs", "*.md").Where(path => path != "docs/README.md" && !index.Contains(path)).ToList());
    }

    private static List<string> DeadLinks(string document, string content)
    {
        var dead = new List<string>();
        foreach (var link in Links(content))
        {
            var parts = link.Split('#', 2);
            var target = parts[0].Length == 0 ? document : Resolve(document, parts[0]);
            var path = Path.Combine(Repository.Root, target);
            var isDead = !File.Exists(path) && !Directory.Exists(path);
            if (!isDead && parts.Length == 2 && target.EndsWith(".md", StringComparison.Ordinal))
            {
                isDead = !Anchors(File.ReadAllText(path)).Contains(parts[1]);
            }

            if (isDead)
            {
                dead.Add($"{document}: {link}");
            }
        }

        return dead;
    }

    private static string Resolve(string document, string link) =>
        Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, link))).Replace('\\', '/');

    private static IEnumerable<string> Links(string content) =>
        Link().Matches(Markdown.Prose(content)).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal));

    private static HashSet<string> Anchors(string content) =>
        [.. Heading().Matches(Markdown.Prose(content)).Select(match => Dropped().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'))];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Dropped();
}
