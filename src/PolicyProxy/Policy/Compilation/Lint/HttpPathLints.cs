using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Lints about <c>path</c>: an RE2 pattern that has to match path and query in full.</summary>
internal static class HttpPathLints
{
    public static void Run(LintReport report, PolicyDocument document, HttpRule rule, Located<string> path)
    {
        GlobStar(report, document, path);
        QueryMark(report, document, path);
        if (SimplePattern.TryParse(path.Value) is not { } pattern)
        {
            return;
        }

        if (pattern.MatchesEverything)
        {
            MatchesEverything(report, document, rule, path);
            return;
        }

        OpenPrefix(report, document, path, pattern);
        WithoutSlash(report, document, path, pattern);
    }

    private static void MatchesEverything(LintReport report, PolicyDocument document, HttpRule rule, Located<string> path)
    {
        if (rule is { Method: null, Host: null, Headers.Count: 0, HeaderMatches.Count: 0 })
        {
            report.Warn(
                document,
                LintIds.MatchesEverything,
                path.Span,
                $"path \"{path.Value}\" matches every path, and nothing else restricts this rule: every request is allowed",
                "name the paths, or write {} as the rule if every request is meant");
        }
        else
        {
            report.Inform(
                document,
                LintIds.MatchesEverything,
                path.Span,
                $"path \"{path.Value}\" matches every path",
                "leave path out if every path is meant");
        }
    }

    private static void OpenPrefix(LintReport report, PolicyDocument document, Located<string> path, SimplePattern pattern)
    {
        var branch = pattern.Branches.FirstOrDefault(b => b.IsOpen && b.Text.Length > 1 && char.IsAsciiLetterOrDigit(b.Text[^1]));
        if (branch is not null)
        {
            var prefix = branch.Text.Replace(SimplePattern.AnyCharacter, '.');
            report.Inform(
                document,
                LintIds.OpenPrefix,
                path.Span,
                $"\"{path.Value}\" also matches paths that only begin with the same letters, such as \"{prefix}-other\"",
                $"'{prefix}([/?].*)?'");
        }
    }

    private static void WithoutSlash(LintReport report, PolicyDocument document, Located<string> path, SimplePattern pattern)
    {
        if (pattern.Branches.FirstOrDefault(b => b.Text is [not ('/' or '*' or SimplePattern.AnyCharacter), ..]) is { } branch)
        {
            report.Warn(
                document,
                LintIds.PathWithoutSlash,
                path.Span,
                $"paths start with \"/\": \"{branch.Text.Replace(SimplePattern.AnyCharacter, '.')}\" matches none",
                $"path: \"/{path.Value}\"");
        }
    }

    private static void GlobStar(LintReport report, PolicyDocument document, Located<string> path)
    {
        for (var i = 1; i < path.Value.Length; i++)
        {
            var before = path.Value[i - 1];
            if (path.Value[i] == '*' && before is '/' or '-' or '_' or '=' && (i < 2 || path.Value[i - 2] is not ('\\' or '[')))
            {
                report.Warn(
                    document,
                    LintIds.GlobStar,
                    path.Span,
                    $"path is a regular expression: \"{before}*\" means any number of \"{before}\", not \"anything\"",
                    $"path: '{path.Value[..i]}.*{path.Value[(i + 1)..]}'");
                return;
            }
        }
    }

    private static void QueryMark(LintReport report, PolicyDocument document, Located<string> path)
    {
        for (var i = 1; i < path.Value.Length; i++)
        {
            if (path.Value[i] == '?' && char.IsAsciiLetterOrDigit(path.Value[i - 1]) && StartsWithQueryKey(path.Value.AsSpan(i + 1)))
            {
                report.Warn(
                    document,
                    LintIds.QueryMark,
                    path.Span,
                    $"the \"?\" in \"{path.Value}\" makes \"{path.Value[i - 1]}\" optional; it does not start a query",
                    $"path: '{path.Value[..i]}\\{path.Value[i..]}'");
                return;
            }
        }
    }

    private static bool StartsWithQueryKey(ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] is '_' or '-'))
        {
            length++;
        }

        return length > 0 && length < rest.Length && rest[length] == '=';
    }
}
