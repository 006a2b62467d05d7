using System.Net.Http.Headers;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// Changes of a request's header fields that last for one hop: what a rule adds for one server must not reach the next one after a redirect or a
/// retry. <c>default</c> has changed nothing. Not thread-safe.
/// </summary>
internal struct HeaderChanges(HttpRequestMessage request)
{
    private const string HostField = "host";

    private readonly HttpRequestMessage _request = request;
    private List<(string Name, string[]? Values)>? _before;

    /// <summary>Makes the changes a verdict asks for, in order.</summary>
    /// <exception cref="HttpRequestException">A field cannot be set; the request must not be sent.</exception>
    public void Apply(IReadOnlyList<HeaderEdit> edits)
    {
        foreach (var edit in edits)
        {
            if (edit.Kind == HeaderEditKind.Add)
            {
                Remember(edit.Name);
                Write(edit.Name, [edit.Value]);
            }
            else
            {
                Replace(edit.Name, edit.Kind == HeaderEditKind.Replace ? edit.Value : null);
            }
        }
    }

    /// <summary>Sets a field to one value; null removes it.</summary>
    public void Replace(string name, string? value)
    {
        Remember(name);
        Remove(name);
        if (value is not null)
        {
            Write(name, [value]);
        }
    }

    /// <summary>Puts back what was there before.</summary>
    public readonly void Undo()
    {
        foreach (var (name, values) in _before ?? [])
        {
            Remove(name);
            if (values is not null)
            {
                Write(name, values);
            }
        }
    }

    private void Remember(string name)
    {
        _before ??= [];
        if (!_before.Exists(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            _before.Add((name, Find(_request.Headers, name) ?? (_request.Content is { } content ? Find(content.Headers, name) : null)));
        }
    }

    private static string[]? Find(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? [.. values] : null;

    private readonly void Remove(string name)
    {
        if (string.Equals(name, HostField, StringComparison.OrdinalIgnoreCase))
        {
            _request.Headers.Host = null;
            return;
        }

        // A field belongs to the request or to its content; asking the wrong one for it throws.
        if (_request.Headers.NonValidated.Contains(name))
        {
            _request.Headers.Remove(name);
        }
        else if (_request.Content is { } content && content.Headers.NonValidated.Contains(name))
        {
            content.Headers.Remove(name);
        }
    }

    private readonly void Write(string name, string[] values)
    {
        if (!_request.Headers.TryAddWithoutValidation(name, values) && _request.Content?.Headers.TryAddWithoutValidation(name, values) != true)
        {
            throw new HttpRequestException($"a rule sets the header field '{name}', which this request cannot have");
        }
    }
}
