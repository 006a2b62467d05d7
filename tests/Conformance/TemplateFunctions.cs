using System.Globalization;

namespace PolicyProxy.Conformance;

/// <summary>The functions of manifest templates that always render the same.</summary>
internal static class TemplateFunctions
{
    /// <exception cref="FormatException">An unknown function, or arguments it does not take.</exception>
    public static object Call(string name, IReadOnlyList<object> arguments) => (name, arguments) switch
    {
        ("quote", [string text]) => $"\"{text}\"",
        ("trimSuffix", [string text, string suffix]) => text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text,
        ("ipToCIDR", [string address]) => address + (address.Contains(':') ? "/128" : "/32"),
        ("wildcardPrefix", [string domain, string count]) => WildcardPrefix(domain, int.Parse(count, CultureInfo.InvariantCulture)),
        ("generateDNSMatchPatternWithWildcard", [string domain, string other, "any-prefix"]) => AnyPrefix(domain, other),
        ("generateDNSMatchPatternWithWildcard", [string domain, string, "subdomain-prefix"]) => "*." + string.Join('.', Labels(domain)[1..]) + ".",
        ("eq", [var one, var other]) => Equals(one, other) ? "true" : "",
        ("ne", [var one, var other]) => Equals(one, other) ? "" : "true",
        ("not", [var value]) => TemplateExpression.IsTrue(value) ? "" : "true",
        ("and", [..]) => arguments.FirstOrDefault(a => !TemplateExpression.IsTrue(a)) ?? arguments[^1],
        ("or", [..]) => arguments.FirstOrDefault(TemplateExpression.IsTrue) ?? arguments[^1],
        _ => throw new FormatException($"template: function {name} with {arguments.Count} arguments is not supported"),
    };

    private static string[] Labels(string domain) => domain.TrimEnd('.').Split('.');

    /// <summary>Replaces the first labels by one star each.</summary>
    private static string WildcardPrefix(string domain, int count)
    {
        var labels = domain.Split('.');
        return string.Join('.', labels.Select((l, i) => i < count ? "*" : l));
    }

    /// <summary><c>**</c> before the shortest end of the domain that the other domain does not share.</summary>
    private static string AnyPrefix(string domain, string other)
    {
        var labels = Labels(domain);
        var others = Labels(other);
        var shared = 0;
        while (shared < labels.Length && shared < others.Length && labels[^(shared + 1)] == others[^(shared + 1)])
        {
            shared++;
        }

        return "**." + string.Join('.', labels[^Math.Min(shared + 1, labels.Length)..]) + ".";
    }
}
