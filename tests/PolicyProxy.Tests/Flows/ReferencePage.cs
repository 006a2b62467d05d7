using System.Runtime.CompilerServices;

namespace PolicyProxy.Tests.Flows;

/// <summary>Tables of the pages under docs/reference, so that they can be compared with the code.</summary>
internal static class ReferencePage
{
    /// <summary>All table rows of a page, cells trimmed, without backticks.</summary>
    public static IReadOnlyList<string[]> Rows(string page, [CallerFilePath] string here = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
        return
        [
            .. File.ReadLines(Path.Combine(root, "docs", "reference", page))
                .Where(line => line.StartsWith('|'))
                .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray()),
        ];
    }
}
