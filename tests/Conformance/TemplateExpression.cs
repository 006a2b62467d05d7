using System.Globalization;
using System.Text.RegularExpressions;

namespace PolicyProxy.Conformance;

/// <summary>What names mean at one place of a template.</summary>
internal sealed class TemplateScope(object dot)
{
    private readonly Dictionary<string, object> _variables = [];

    public object Dot => dot;

    public object? Find(string variable) => _variables.GetValueOrDefault(variable);

    /// <summary>The scope inside a loop. Empty names are not bound.</summary>
    public TemplateScope With(object item, string itemName, string indexName, int index)
    {
        var scope = new TemplateScope(item);
        foreach (var (name, value) in _variables)
        {
            scope._variables[name] = value;
        }

        scope._variables[itemName] = item;
        scope._variables[indexName] = index.ToString(CultureInfo.InvariantCulture);
        return scope;
    }
}

/// <summary>Expressions of templates: operands, calls in prefix form, parentheses and pipes.</summary>
internal static partial class TemplateExpression
{
    /// <exception cref="FormatException">An unknown name or function.</exception>
    public static object Evaluate(string text, TemplateScope scope)
    {
        var tokens = new Queue<string>(Token().Matches(text).Select(m => m.Value));
        var value = Pipeline(tokens, scope);
        return tokens.Count == 0 ? value : throw new FormatException($"template: {tokens.Peek()} was not expected in {text}");
    }

    public static bool IsTrue(object value) => value switch
    {
        string text => text is not ("" or "false" or "0"),
        IReadOnlyList<object> list => list.Count > 0,
        _ => true,
    };

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|`[^`]*`|[()|]|[^\s()|]+
        """)]
    private static partial Regex Token();

    private static object Pipeline(Queue<string> tokens, TemplateScope scope)
    {
        var value = Command(tokens, scope, piped: null);
        while (tokens.TryPeek(out var next) && next == "|")
        {
            tokens.Dequeue();
            value = Command(tokens, scope, value);
        }

        return value;
    }

    private static object Command(Queue<string> tokens, TemplateScope scope, object? piped)
    {
        if (!tokens.TryPeek(out var first))
        {
            throw new FormatException("template: empty expression");
        }

        if (!char.IsAsciiLetter(first[0]) || first is "true" or "false")
        {
            return Operand(tokens, scope);
        }

        tokens.Dequeue();
        List<object> arguments = [];
        while (tokens.TryPeek(out var next) && next is not ("|" or ")"))
        {
            arguments.Add(Operand(tokens, scope));
        }

        if (piped is not null)
        {
            arguments.Add(piped);
        }

        return TemplateFunctions.Call(first, arguments);
    }

    private static object Operand(Queue<string> tokens, TemplateScope scope)
    {
        var token = tokens.Dequeue();
        switch (token[0])
        {
            case '(':
                var inner = Pipeline(tokens, scope);
                return tokens.TryDequeue(out var close) && close == ")" ? inner : throw new FormatException("template: ) is missing");
            case '"' or '`':
                return token[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal);
            case '.':
                return Path(scope.Dot, token[1..], token);
            case '$':
                var name = token[1..].Split('.', 2);
                var root = name[0].Length == 0 ? scope.Dot : scope.Find(name[0]) ?? throw new FormatException($"template: {token} is not known");
                return Path(root, name.Length == 2 ? name[1] : "", token);
            default:
                return char.IsAsciiDigit(token[0]) || token is "true" or "false" ? token : throw new FormatException($"template: {token} is not supported");
        }
    }

    private static object Path(object root, string path, string token)
    {
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            root = root is IReadOnlyDictionary<string, object> map && map.TryGetValue(name, out var value)
                ? value
                : throw new FormatException($"template: {token} is not known");
        }

        return root;
    }
}
