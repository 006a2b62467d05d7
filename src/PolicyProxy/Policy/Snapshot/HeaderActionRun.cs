using PolicyProxy.Gate;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Runs header actions over a request that must not change: edits are collected, and later actions see the headers as the earlier
/// edits leave them (semantics 5.4).
/// </summary>
internal struct HeaderActionRun
{
    private List<HeaderEdit>? _edits;

    public readonly IReadOnlyList<HeaderEdit>? Edits => _edits;

    /// <summary>True if the rule still matches after its actions.</summary>
    public bool Apply<TRequest>(IReadOnlyList<HeaderAction> actions, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        var matches = true;
        foreach (var action in actions)
        {
            var met = action.Value is null ? IsPresent(action.Name, request) : IsEqual(action.Name, action.Value, request);
            if (met)
            {
                continue;
            }

            switch (action.Mismatch)
            {
                case HeaderMismatch.Fail:
                    matches = false;
                    break;
                case HeaderMismatch.Add:
                    Add(new HeaderEdit(HeaderEditKind.Add, action.Name, action.Value ?? string.Empty) { IsSecret = action.IsSecret });
                    break;
                case HeaderMismatch.Delete when action.Value is not null && IsPresent(action.Name, request):
                    Add(new HeaderEdit(HeaderEditKind.Delete, action.Name, string.Empty));
                    break;
                case HeaderMismatch.Replace:
                    Add(new HeaderEdit(HeaderEditKind.Replace, action.Name, action.Value ?? string.Empty) { IsSecret = action.IsSecret });
                    break;
                default:
                    break;
            }
        }

        return matches;
    }

    private void Add(HeaderEdit edit) => (_edits ??= []).Add(edit);

    private readonly bool IsPresent<TRequest>(string name, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct =>
        Last(name) is { } edit ? edit.Kind != HeaderEditKind.Delete : request.HasHeader(name);

    /// <summary>Compares with the joined lines as the edits leave them: the request's own unless removed, and the added ones behind.</summary>
    private readonly bool IsEqual<TRequest>(string name, string value, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        var isRemoved = false;
        string? added = null;
        for (var i = 0; i < (_edits?.Count ?? 0); i++)
        {
            var edit = _edits![i];
            if (edit.Name != name)
            {
                continue;
            }

            if (edit.Kind != HeaderEditKind.Add)
            {
                isRemoved = true;
                added = null;
            }

            if (edit.Kind != HeaderEditKind.Delete)
            {
                added = added is null ? edit.Value : $"{added},{edit.Value}";
            }
        }

        if (added is null)
        {
            return !isRemoved && request.HeaderEquals(name, value);
        }

        if (isRemoved || !request.HasHeader(name))
        {
            return added == value;
        }

        var own = value.Length - added.Length - 1;
        return own >= 0 && value[own] == ',' && value.EndsWith(added, StringComparison.Ordinal) && request.HeaderEquals(name, value[..own]);
    }

    private readonly HeaderEdit? Last(string name) => _edits?.FindLast(e => e.Name == name);
}
