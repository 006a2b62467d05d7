using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>
/// Judges what <see cref="HttpOverrides"/> make of a request that is allowed as it stands: an origin may obey the field or ignore it, so
/// the other reading has to be allowed as well. One field with one value: of several, origins take the first, the last or all.
/// </summary>
internal static class HttpOverrideJudge<TRequest>
    where TRequest : IHttpRequest, allows ref struct
{
    /// <summary>Longest value that is looked at, in characters; a longer one is not allowed.</summary>
    private const int MaxValue = 1_024;

    public static bool IsAllowed(ConnectionPolicy policy, in TRequest request)
    {
        Span<char> value = stackalloc char[MaxValue];
        var readable = 0;
        foreach (var name in HttpOverrides.MethodFields)
        {
            var length = request.CopyHeader(name, value);
            if (length >= 0)
            {
                readable++;
                if (!IsSingle(value, length) || !Permits(policy, new(request, Upper(value[..length]), request.Path)))
                {
                    return false;
                }
            }
        }

        foreach (var name in HttpOverrides.TargetFields)
        {
            var length = request.CopyHeader(name, value);
            if (length >= 0)
            {
                readable++;
                if (!IsSingle(value, length) || !Permits(policy, new(request, request.Method, value[..length])))
                {
                    return false;
                }
            }
        }

        return readable == 1; // none: it is in a spelling that only some origins understand
    }

    // Several fields of one name come joined by commas.
    private static bool IsSingle(ReadOnlySpan<char> value, int length) => length is > 0 and <= MaxValue && !value[..length].Contains(',');

    private static bool Permits(ConnectionPolicy policy, in OverriddenRequest<TRequest> request) =>
        HttpPathJudge<OverriddenRequest<TRequest>>.Judge(policy, request).Allowed;

    // Frameworks turn the value into a method in capitals.
    private static ReadOnlySpan<char> Upper(Span<char> method)
    {
        foreach (ref var letter in method)
        {
            letter = char.ToUpperInvariant(letter);
        }

        return method;
    }
}
