using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>HTTP and gRPC rules against one request, which header actions edit as they go (semantics 5.1-5.4).</summary>
internal sealed class HttpMatching(HttpQuestion request)
{
    private const string GrpcContentType = "application/grpc";

    private readonly List<HeaderLine> _lines = [.. request.Headers.Select(h => new HeaderLine(h.Name.ToLowerInvariant(), h.Value))];
    private bool _isEdited;

    /// <summary>True if the rule matches; its header actions have run then.</summary>
    public bool Match(HttpRule rule, Func<SecretReference, string?> secret)
    {
        if (!Part(rule.Path, request.Path) || !Part(rule.Method, request.Method)
            || (rule.Host is { Value.Length: > 0 } && request.Host.Length == 0) || !Part(rule.Host, request.Host)
            || !rule.Headers.All(h => Header(h.Value)))
        {
            return false;
        }

        List<RuntimeMatch> runtime = [];
        foreach (var match in rule.HeaderMatches)
        {
            var expected = match.Secret is null ? match.Value ?? "" : secret(match.Secret) ?? (string.IsNullOrEmpty(match.Value) ? null : match.Value);
            if (expected is null)
            {
                return false;
            }

            if (match.Mismatch?.Value is { Length: > 0 } action)
            {
                runtime.Add(new RuntimeMatch(match.Name.Value.ToLowerInvariant(), expected, action));
            }
            else if (!IsMet(expected, Joined(match.Name.Value)))
            {
                return false;
            }
        }

        runtime.ForEach(Run);
        return true;
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

    /// <summary>The headers after the actions that have run, in order; null when none has changed them.</summary>
    public IReadOnlyList<HeaderLine>? Edited => _isEdited ? _lines : null;

    /// <summary>Later actions see what earlier ones have left.</summary>
    private void Run(RuntimeMatch match)
    {
        var values = _lines.Where(l => l.Name == match.Name).Select(l => l.Value).ToList();
        var actual = values.Count == 0 ? null : string.Join(',', values);
        if (IsMet(match.Expected, actual))
        {
            return;
        }

        var removes = match.Action == "REPLACE" || (match is { Action: "DELETE", Expected.Length: > 0 } && actual is not null);
        var adds = match.Action is "ADD" or "REPLACE";
        if (removes)
        {
            _lines.RemoveAll(l => l.Name == match.Name);
        }

        if (adds)
        {
            _lines.Add(new HeaderLine(match.Name, match.Expected));
        }

        _isEdited |= removes || adds;
    }

    private static bool IsMet(string expected, string? actual) => expected.Length == 0 ? actual is not null : actual == expected;

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

    /// <summary>A header match that never fails but acts; looked at when the rest of the rule has matched.</summary>
    private sealed record RuntimeMatch(string Name, string Expected, string Action);
}
