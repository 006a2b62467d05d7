using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>What a matching rule does to a header (semantics 5.4).</summary>
internal sealed record HeaderAction(string Kind, string Name, string Value);

/// <summary>HTTP and gRPC rules against one request (semantics 5.1-5.4).</summary>
internal sealed class HttpMatching(HttpQuestion request)
{
    private const string GrpcContentType = "application/grpc";

    /// <summary>Null when the rule does not match; otherwise its header actions.</summary>
    public List<HeaderAction>? Match(HttpRule rule, Func<SecretReference, string?> secret)
    {
        if (!Part(rule.Path, request.Path) || !Part(rule.Method, request.Method)
            || (rule.Host is { Value.Length: > 0 } && request.Host.Length == 0) || !Part(rule.Host, request.Host)
            || !rule.Headers.All(h => Header(h.Value)))
        {
            return null;
        }

        List<HeaderAction> actions = [];
        foreach (var match in rule.HeaderMatches)
        {
            var expected = match.Secret is null ? match.Value ?? "" : secret(match.Secret) ?? (string.IsNullOrEmpty(match.Value) ? null : match.Value);
            if (expected is null)
            {
                return null;
            }

            var actual = Joined(match.Name.Value);
            if (expected.Length == 0 ? actual is not null : actual == expected)
            {
                continue;
            }

            switch (match.Mismatch?.Value)
            {
                case null or "":
                    return null;
                case "LOG":
                    break;
                case "DELETE" when actual is null || expected.Length == 0:
                    break;
                case var kind:
                    actions.Add(new HeaderAction(kind, match.Name.Value.ToLowerInvariant(), expected));
                    break;
            }
        }

        return actions;
    }

    /// <summary>Extension: a gRPC call is a POST to <c>/service/method</c> with a gRPC content type.</summary>
    public bool Match(GrpcRule rule)
    {
        var parts = request.Path.Split('/');
        return request.Method == "POST"
            && parts is ["", var service, var method] && service.Length > 0 && method.Length > 0
            && Joined("content-type")?.StartsWith(GrpcContentType, StringComparison.OrdinalIgnoreCase) == true
            && Glob(rule.Service, service) && Glob(rule.Method, method)
            && rule.Metadata.All(m => Joined(m.Key.Value) == m.Value.Value);
    }

    /// <summary>The headers after the actions, in order; null when there are none.</summary>
    public List<HeaderLine>? Apply(List<HeaderAction> actions)
    {
        if (actions.Count == 0)
        {
            return null;
        }

        var lines = request.Headers.Select(h => new HeaderLine(h.Name.ToLowerInvariant(), h.Value)).ToList();
        foreach (var action in actions)
        {
            if (action.Kind is "DELETE" or "REPLACE")
            {
                lines.RemoveAll(l => l.Name == action.Name);
            }

            if (action.Kind is "ADD" or "REPLACE")
            {
                lines.Add(new HeaderLine(action.Name, action.Value));
            }
        }

        return lines;
    }

    private static bool Part(Located<string>? expression, string text) =>
        expression is not { Value.Length: > 0 } written || Re2Regex.Matches(written.Value, text);

    private static bool Glob(Located<string>? written, string text) => written?.Value switch
    {
        null or "" or "*" => true,
        ['*', .. var end] => text.EndsWith(end, StringComparison.Ordinal),
        [.. var start, '*'] => text.StartsWith(start, StringComparison.Ordinal),
        var exact => text == exact,
    };

    /// <summary>semantics 5.2: "Name" asks for presence, "Name value" and "Name: value" for the value.</summary>
    private bool Header(string written)
    {
        var space = written.IndexOf(' ');
        return space < 0 ? Joined(written) is not null : Joined(written[..space].TrimEnd(':')) == written[(space + 1)..];
    }

    private string? Joined(string name) => name.ToLowerInvariant() switch
    {
        ":method" => request.Method,
        ":path" => request.Path,
        ":authority" => request.Host,
        ":scheme" => "http",
        var lower => request.Headers.Where(h => h.Name.Equals(lower, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).ToList() is { Count: > 0 } values
            ? string.Join(',', values)
            : null,
    };
}
