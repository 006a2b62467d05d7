using PolicyProxy.Tests.Policy;

namespace PolicyProxy.Tests.Flows;

/// <summary>Tables of the pages under docs/reference, so that they can be compared with the code.</summary>
internal static class ReferencePage
{
    /// <summary>All table rows of a page, cells trimmed, without backticks.</summary>
    public static IReadOnlyList<string[]> Rows(string page) =>
    [
        .. File.ReadLines(RepositoryFiles.PathOf(Path.Combine("docs", "reference", page)))
            .Where(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray()),
    ];
}
