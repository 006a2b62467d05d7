using System.Buffers;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// The forms in which a request-target has to be judged. A proxy that matches the raw path and an origin that routes by a rewritten one
/// disagree about what was allowed: <c>//</c> and <c>%2F</c> (CVE-2021-31920, CVE-2021-29492), dot segments (CVE-2019-9901), matrix
/// parameters (CVE-2026-73553, CVE-2026-73511), fragments (CVE-2021-32779, CVE-2021-39156, CVE-2023-45539). So a target is either the
/// same for everybody, or is judged twice (raw and canonical, both must be allowed), or is refused.
/// <para>
/// Two forms suffice only if no reading between them leads elsewhere. <c>/public/a%2Fb/../../admin</c> is <c>/public/admin</c> for an
/// origin that decodes first and <c>/admin</c> for one that does not, while the raw text begins with <c>/public/</c>. So climbing
/// (<c>..</c>) combined with anything that moves segment borders is Invalid. No client sends that by accident: browsers, curl and
/// HttpClient remove dot segments themselves.
/// </para>
/// Static and thread-safe; allocates nothing.
/// </summary>
public static class UrlPath
{
    // RFC 3986 pchar and the characters clients leave unescaped against the RFC; without % \ ; ? and # which need a closer look
    private static readonly SearchValues<char> PlainPath = SearchValues.Create(
        "!\"$&'()*+,-./0123456789:<=>@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<string> SegmentsToInspect = SearchValues.Create(["//", "/."], StringComparison.Ordinal);

    /// <summary>Finds out how <paramref name="target"/> has to be judged.</summary>
    /// <param name="target">Request-target in origin form as received, path and query. Other forms (<c>*</c>, absolute, authority) are Invalid here.</param>
    /// <returns>
    /// Canonical exactly when <see cref="WriteCanonical"/> with no option would write the same characters. Invalid for the reasons given
    /// by <see cref="Diagnose"/>.
    /// </returns>
    public static UrlPathForm Classify(ReadOnlySpan<char> target) => IsPlain(target) ? UrlPathForm.Canonical : Inspect(target);

    /// <summary>Says why a target is Invalid; code None if it is not.</summary>
    /// <param name="target">Request-target in origin form as received.</param>
    public static ProtocolError Diagnose(ReadOnlySpan<char> target) => UrlPathInspection.Run(target).Error;

    /// <summary>
    /// Writes the target as the most permissive origin would read it: unreserved characters, <c>%2F</c> and <c>%5C</c> decoded once;
    /// backslash as slash; parameters (<c>;x=y</c>) stripped; duplicate slashes merged; dot segments removed (RFC 3986 §5.2.4, never
    /// above the root); remaining escapes in upper case. The query, from the first <c>?</c> on, is copied. <c>%3F</c> stays in the path.
    /// Precedents: Envoy <c>normalize_path</c>, <c>merge_slashes</c>, <c>path_with_escaped_slashes_action</c>; Tomcat path parameters.
    /// </summary>
    /// <param name="target">Request-target in origin form as received.</param>
    /// <param name="destination">At least as long as the target; must not overlap it. The result is never longer than the target.</param>
    /// <param name="options">Foldings to leave out.</param>
    /// <returns>Characters written, or -1 if the target is Invalid or the destination shorter than the target.</returns>
    public static int WriteCanonical(ReadOnlySpan<char> target, Span<char> destination, UrlPathOptions options = UrlPathOptions.None) =>
        destination.Length < target.Length || Classify(target) == UrlPathForm.Invalid
            ? -1
            : UrlPathWriter.Write(target, destination, options);

    // The common case: no escape, no parameter, and every segment starts with neither a dot nor a slash.
    private static bool IsPlain(ReadOnlySpan<char> target)
    {
        if (target.IsEmpty || target[0] != '/')
        {
            return false;
        }

        var end = target.IndexOfAnyExcept(PlainPath);
        if (end < 0)
        {
            end = target.Length;
        }
        else if (target[end] != '?' || target[end..].ContainsAnyExcept(UrlPathInspection.TargetCharacters))
        {
            return false;
        }

        return !target[..end].ContainsAny(SegmentsToInspect);
    }

    private static UrlPathForm Inspect(ReadOnlySpan<char> target)
    {
        var inspection = UrlPathInspection.Run(target);
        return inspection.Error.Code != ProtocolErrorCode.None ? UrlPathForm.Invalid
            : inspection.HasOtherForm ? UrlPathForm.NeedsCanonical
            : UrlPathForm.Canonical;
    }
}
