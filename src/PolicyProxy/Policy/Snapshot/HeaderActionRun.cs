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
                    Add(new HeaderEdit(HeaderEditKind.Add, action.Name, action.Value ?? string.Empty));
                    break;
                case HeaderMismatch.Delete when action.Value is not null && IsPresent(action.Name, request):
                    Add(new HeaderEdit(HeaderEditKind.Delete, action.Name, string.Empty));
                    break;
                case HeaderMismatch.Replace:
                    Add(new HeaderEdit(HeaderEditKind.Replace, action.Name, action.Value ?? string.Empty));
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

    private readonly bool IsEqual<TRequest>(string name, string value, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct => Last(name) switch
        {
            null => request.HeaderEquals(name, value),
            { Kind: HeaderEditKind.Replace } edit => edit.Value == value,
            { Kind: HeaderEditKind.Delete } => false,

            // An added line stands behind what was there: the joined value is the added one only when nothing was.
            { } edit => edit.Value == value && !request.HasHeader(name) && _edits!.Count(e => e.Name == name) == 1,
        };

    private readonly HeaderEdit? Last(string name) => _edits?.FindLast(e => e.Name == name);
}
