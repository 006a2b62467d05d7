using System.Text;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Re2;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Policy.Compilation;

/// <summary>Compiles HTTP rules, and gRPC rules as the HTTP requests gRPC calls are (semantics 5.1, 5.2, 5.4, 5.6).</summary>
internal sealed class HttpRuleCompiler(CompilationContext context, PolicyDocument document, PolicyRule rule)
{
    // The empty class: a refused pattern matches no text at all.
    private static readonly Re2Pattern Nothing = Re2Pattern.TryParse("[^\\x00-\\x{10FFFF}]", out var nothing, out _) ? nothing : null!;

    private readonly Dictionary<string, Re2Pattern> _patterns = new(StringComparer.Ordinal);

    public HttpMatchRule Compile(HttpRule http)
    {
        var conditions = http.Headers.Select(h => Header(h.Value)).ToList();
        var actions = new List<HeaderAction>();
        var canMatch = true;
        foreach (var match in http.HeaderMatches)
        {
            canMatch &= TryHeaderMatch(match, conditions, actions);
        }

        // The order of header strings does not matter, the order of actions does.
        conditions.Sort((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()));
        return new HttpMatchRule
        {
            Path = Pattern(http.Path, "path"),
            Method = Pattern(http.Method, "method"),
            Host = Pattern(http.Host, "host"),
            Headers = conditions,
            Actions = actions,
            CanMatch = canMatch,
            Origin = CompilationContext.Origin(document, rule, http.RulePath, http.Span),
            Text = $"{http.Method?.Value}\n{http.Path?.Value}\n{http.Host?.Value}\n{string.Join('\n', conditions)}\n{string.Join('\n', actions)}\n{canMatch}",
        };
    }

    public HttpMatchRule Compile(GrpcRule grpc)
    {
        var path = $"/{Name(grpc.Service?.Value)}/{Name(grpc.Method?.Value)}";
        var conditions = grpc.Metadata.Select(m => new HeaderCondition(m.Key.Value.ToLowerInvariant(), m.Value.Value)).ToList();

        // Without this a plain POST to the same path would count as the call.
        conditions.Add(new HeaderCondition("content-type", "application/grpc", Prefix: true));
        return new HttpMatchRule
        {
            Method = Parse("POST", grpc.Span, "method"),
            Path = Parse(path, grpc.Span, "path"),
            Headers = conditions,
            Origin = CompilationContext.Origin(document, rule, grpc.RulePath, grpc.Span),
            Text = $"grpc\n{path}\n{string.Join('\n', conditions)}",
        };
    }

    // Absent or "*" is any name; one star at either end is a run inside the name. A name never crosses a slash.
    private static string Name(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "[^/]+";
        }

        var name = new StringBuilder();
        foreach (var c in text)
        {
            _ = c == '*' ? name.Append("[^/]*")
                : char.IsAsciiLetterOrDigit(c) || c == '_' ? name.Append(c)
                : name.Append('\\').Append(c);
        }

        return name.ToString();
    }

    // "Name value" at the first space, trailing colons off the name; without a space the whole text is a name (semantics 5.2).
    private static HeaderCondition Header(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0
            ? new HeaderCondition(text.ToLowerInvariant(), null)
            : new HeaderCondition(text[..space].TrimEnd(':').ToLowerInvariant(), text[(space + 1)..]);
    }

    private bool TryHeaderMatch(HeaderMatch match, List<HeaderCondition> conditions, List<HeaderAction> actions)
    {
        var secret = match.Secret is null ? null : Secret(match.Secret);
        var isSecret = secret is not null;
        var value = secret ?? (string.IsNullOrEmpty(match.Value) ? null : match.Value);
        if (match.Secret is not null && secret is null && value is null)
        {
            return false;
        }

        if (value is { Length: 0 })
        {
            value = null;
        }

        var name = match.Name.Value.ToLowerInvariant();
        var mismatch = match.Mismatch?.Value switch
        {
            "LOG" => HeaderMismatch.Log,
            "ADD" => HeaderMismatch.Add,
            "DELETE" => HeaderMismatch.Delete,
            "REPLACE" => HeaderMismatch.Replace,
            _ => HeaderMismatch.Fail,
        };
        if (mismatch == HeaderMismatch.Fail)
        {
            conditions.Add(new HeaderCondition(name, value));
        }
        else
        {
            actions.Add(new HeaderAction(name, value, mismatch, isSecret));
        }

        return true;
    }

    // The first item of the secret is the value, as Cilium's sync takes it.
    private string? Secret(SecretReference reference)
    {
        var space = string.IsNullOrEmpty(reference.Namespace) ? document.Namespace ?? "default" : reference.Namespace;
        var secret = context.Objects.Secrets.FirstOrDefault(s => s.Name == reference.Name && s.Namespace == space);
        var data = secret?.Data.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => d.Value).FirstOrDefault();
        return data is null ? null : Encoding.UTF8.GetString(data);
    }

    private Re2Pattern? Pattern(Located<string>? text, string part) =>
        text is { Value.Length: > 0 } given ? Parse(given.Value, given.Span, part) : null;

    private Re2Pattern Parse(string text, SourceSpan span, string part)
    {
        if (_patterns.TryGetValue(text, out var known))
        {
            return known;
        }

        if (Re2Pattern.TryParse(text, out var pattern, out var error))
        {
            return _patterns[text] = pattern;
        }

        // Path and method were checked when the object was accepted; only the host gets here, as in Cilium (semantics 1.8).
        context.Report(RealisationIds.HostPattern, DiagnosticSeverity.Error, span, $"{part} \"{text}\" is not a regular expression: {error.Message} at character {error.Position + 1}", "escape the character with \\ or correct the expression");
        return Nothing;
    }
}
