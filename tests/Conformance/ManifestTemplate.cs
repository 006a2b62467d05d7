using System.Text;
using System.Text.RegularExpressions;

namespace PolicyProxy.Conformance;

/// <summary>
/// The part of Go's template language that manifests use: <c>{{.Name}}</c>, pipes, function calls, <c>if</c>/<c>else</c>, <c>range</c>,
/// trimming dashes and comments. Anything else is refused by name.
/// </summary>
internal sealed partial class ManifestTemplate
{
    private readonly List<(string Text, bool IsAction)> _parts = [];
    private int _position;

    public ManifestTemplate(string template)
    {
        var end = 0;
        var trimNext = false;
        foreach (Match action in Action().Matches(template))
        {
            Literal(template[end..action.Index], trimNext, action.Value.StartsWith("{{- "));
            _parts.Add((action.Groups["body"].Value.Trim(), true));
            trimNext = action.Value.EndsWith(" -}}");
            end = action.Index + action.Length;
        }

        Literal(template[end..], trimNext, trimEnd: false);
    }

    /// <summary>The text with all actions replaced.</summary>
    public string Render(object data)
    {
        var output = new StringBuilder();
        _position = 0;
        var stop = Run(new TemplateScope(data), output);
        return stop is null ? output.ToString() : throw new FormatException($"template: {{{{{stop}}}}} without its beginning");
    }

    [GeneratedRegex(@"\{\{(- )?(?<body>.*?)( -)?\}\}", RegexOptions.Singleline)]
    private static partial Regex Action();

    private void Literal(string text, bool trimStart, bool trimEnd)
    {
        text = trimStart ? text.TrimStart() : text;
        _parts.Add((trimEnd ? text.TrimEnd() : text, false));
    }

    /// <summary>Runs until the end or an <c>else</c> or <c>end</c>, which is returned. A null output skips.</summary>
    private string? Run(TemplateScope scope, StringBuilder? output)
    {
        while (_position < _parts.Count)
        {
            var (text, isAction) = _parts[_position++];
            if (!isAction)
            {
                output?.Append(text);
            }
            else if (text is "end" or "else" || text.StartsWith("else "))
            {
                return text;
            }
            else if (text.StartsWith("if "))
            {
                If(text[3..], scope, output);
            }
            else if (text.StartsWith("range "))
            {
                Range(text[6..], scope, output);
            }
            else if (!text.StartsWith("/*"))
            {
                output?.Append(TemplateExpression.Evaluate(text, scope));
            }
        }

        return null;
    }

    private void If(string condition, TemplateScope scope, StringBuilder? output)
    {
        var isTrue = output is not null && TemplateExpression.IsTrue(TemplateExpression.Evaluate(condition, scope));
        var stop = Run(scope, isTrue ? output : null);
        if (stop is "else")
        {
            stop = Run(scope, isTrue ? null : output);
        }
        else if (stop?.StartsWith("else if ") == true)
        {
            If(stop[8..], scope, isTrue ? null : output);
            return;
        }

        if (stop != "end")
        {
            throw new FormatException($"template: if ends with {stop ?? "nothing"}");
        }
    }

    private void Range(string clause, TemplateScope scope, StringBuilder? output)
    {
        var assignment = Assignment().Match(clause);
        var list = output is null ? null : TemplateExpression.Evaluate(assignment.Success ? assignment.Groups["list"].Value : clause, scope);
        var start = _position;
        var items = list as IReadOnlyList<object> ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            _position = start;
            Finish(Run(scope.With(items[i], assignment.Groups["name"].Value, assignment.Groups["index"].Value, i), output));
        }

        if (items.Count == 0)
        {
            Finish(Run(scope, null));
        }

        static void Finish(string? stop)
        {
            if (stop != "end")
            {
                throw new FormatException($"template: range ends with {stop ?? "nothing"}");
            }
        }
    }

    [GeneratedRegex(@"^(?:\$(?<index>\w+)\s*,\s*)?\$(?<name>\w+)\s*:=\s*(?<list>.+)$")]
    private static partial Regex Assignment();
}
