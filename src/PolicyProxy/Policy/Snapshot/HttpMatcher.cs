using PolicyProxy.Gate;
using PolicyProxy.Policy.Re2;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Decides one HTTP request against all HTTP rules that apply to a connection (semantics 5.1, 5.4). Candidates come from an index
/// on the path, or on the host for rules without path, so the cost does not grow with the number of rules. 0 bytes allocated
/// unless a header action fires. Immutable, thread-safe.
/// </summary>
internal sealed class HttpMatcher
{
    private readonly Rule[] _rules;
    private readonly PatternIndex _byPath;
    private readonly PatternIndex _byHost;
    private readonly int[] _others;
    private readonly bool _hasActions;

    public HttpMatcher(IReadOnlyList<HttpMatchRule> rules)
    {
        var matchers = new Dictionary<string, TextMatcher>(StringComparer.Ordinal);
        _rules = [.. rules.Select(r => new Rule(r, Part(matchers, r.Path), Part(matchers, r.Method), Part(matchers, r.Host)))];
        _hasActions = rules.Any(r => r.Actions.Count > 0);
        var numbered = rules.Select((rule, number) => (rule, number)).Where(r => r.rule.CanMatch).ToArray();
        _byPath = PatternIndex.Build(numbered.Where(r => Constrains(r.rule.Path)).Select(r => (r.rule.Path!, r.number)));
        _byHost = PatternIndex.Build(numbered.Where(r => !Constrains(r.rule.Path) && Constrains(r.rule.Host)).Select(r => (r.rule.Host!, r.number)));
        _others = [.. numbered.Where(r => !Constrains(r.rule.Path) && !Constrains(r.rule.Host)).Select(r => r.number)];
    }

    /// <summary>True if some rule has header actions, so that a request may have to be changed.</summary>
    public bool HasActions => _hasActions;

    /// <summary>The rules in the order given; used to explain.</summary>
    public IEnumerable<HttpMatchRule> Rules => _rules.Select(r => r.Source);

    /// <summary>
    /// The rule that matches the request with this form of its path, or null. <paramref name="edits"/> is set when header actions
    /// fired, also by rules that did not decide.
    /// </summary>
    public RuleOrigin? Match<TRequest>(in TRequest request, ReadOnlySpan<char> path, out IReadOnlyList<HeaderEdit>? edits)
        where TRequest : IHttpRequest, allows ref struct
    {
        edits = null;
        if (_hasActions)
        {
            return MatchWithActions(request, path, out edits);
        }

        var match = -1;
        if (!_byPath.IsEmpty)
        {
            foreach (var group in _byPath.Find(path))
            {
                match = FirstMatch(group, request, path, inPath: true, inHost: false);
                if (match >= 0)
                {
                    break;
                }
            }
        }

        if (match < 0 && !_byHost.IsEmpty)
        {
            foreach (var group in _byHost.Find(request.Authority))
            {
                match = FirstMatch(group, request, path, inPath: false, inHost: true);
                if (match >= 0)
                {
                    break;
                }
            }
        }

        if (match < 0)
        {
            match = FirstMatch(_others, request, path, inPath: false, inHost: false);
        }

        return match < 0 ? null : _rules[match].Source.Origin;
    }

    private static bool Constrains(Re2Pattern? pattern) => pattern is { MatchesEverything: false };

    private static TextMatcher? Part(Dictionary<string, TextMatcher> matchers, Re2Pattern? pattern)
    {
        if (pattern is null)
        {
            return null;
        }

        if (!matchers.TryGetValue(pattern.Text, out var matcher))
        {
            matchers[pattern.Text] = matcher = new TextMatcher(pattern);
        }

        return matcher;
    }

    private int FirstMatch<TRequest>(ReadOnlySpan<int> candidates, in TRequest request, ReadOnlySpan<char> path, bool inPath, bool inHost)
        where TRequest : IHttpRequest, allows ref struct
    {
        foreach (var number in candidates)
        {
            ref readonly var rule = ref _rules[number];
            if ((rule.Method is null || rule.Method.Matches(request.Method))
                && (inHost || rule.Host is null || rule.Host.Matches(request.Authority))
                && (inPath || rule.Path is null || rule.Path.Matches(path))
                && HeadersMatch(rule.Source.Headers, request))
            {
                return number;
            }
        }

        return -1;
    }

    private static bool HeadersMatch<TRequest>(IReadOnlyList<HeaderCondition> headers, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        for (var i = 0; i < headers.Count; i++)
        {
            var header = headers[i];
            var matches = header.Value is null ? request.HasHeader(header.Name)
                : header.Prefix ? request.HeaderStartsWith(header.Name, header.Value)
                : request.HeaderEquals(header.Name, header.Value);
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    // With actions every rule whose basic part matches runs, in rule order, whether or not another rule already allowed (semantics 5.4).
    private RuleOrigin? MatchWithActions<TRequest>(in TRequest request, ReadOnlySpan<char> path, out IReadOnlyList<HeaderEdit>? edits)
        where TRequest : IHttpRequest, allows ref struct
    {
        RuleOrigin? decided = null;
        var run = default(HeaderActionRun);
        foreach (ref readonly var rule in _rules.AsSpan())
        {
            if (!rule.Source.CanMatch
                || !(rule.Method is null || rule.Method.Matches(request.Method))
                || !(rule.Host is null || rule.Host.Matches(request.Authority))
                || !(rule.Path is null || rule.Path.Matches(path))
                || !HeadersMatch(rule.Source.Headers, request))
            {
                continue;
            }

            if (run.Apply(rule.Source.Actions, request))
            {
                decided ??= rule.Source.Origin;
            }
        }

        edits = run.Edits;
        return decided;
    }

    private readonly record struct Rule(HttpMatchRule Source, TextMatcher? Path, TextMatcher? Method, TextMatcher? Host);
}
