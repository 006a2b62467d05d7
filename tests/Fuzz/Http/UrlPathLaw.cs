using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>What <see cref="UrlPath"/> obeys for any target, valid or not.</summary>
internal static class UrlPathLaw
{
    /// <summary>
    /// Classify, Diagnose and WriteCanonical agree; what is written is canonical itself, never longer, stays as it is when written again,
    /// and is what a naive folding gives.
    /// </summary>
    public static UrlPathForm Check(ReadOnlySpan<char> target)
    {
        var form = UrlPath.Classify(target);
        var problem = UrlPath.Diagnose(target);
        Law.Holds((form == UrlPathForm.Invalid) == (problem.Code != ProtocolErrorCode.None), "Diagnose knows why a target is Invalid");
        Law.Holds(problem.Offset >= 0 && problem.Offset <= target.Length, "the offset of an error is inside the target");
        for (var options = UrlPathOptions.None; options <= (UrlPathOptions)7; options++)
        {
            CheckCanonical(target, form, options);
        }

        if (form == UrlPathForm.NeedsCanonical)
        {
            CheckReadings(NaiveFolding.PathOf(target.ToString()));
        }

        return form;
    }

    private static void CheckCanonical(ReadOnlySpan<char> target, UrlPathForm form, UrlPathOptions options)
    {
        var canonical = Write(target, options);
        Law.Same(form == UrlPathForm.Invalid, canonical is null, "an Invalid target and only that has no canonical form");
        if (canonical is null)
        {
            return;
        }

        Law.Holds(canonical.Length <= target.Length, "the canonical form is never longer");
        Law.Same(canonical, Write(canonical, options), "the canonical form is its own canonical form");
        if (options == UrlPathOptions.None)
        {
            Law.Same(form == UrlPathForm.Canonical, target.SequenceEqual(canonical), "a target is Canonical exactly when it is its canonical form");
            Law.Same(UrlPathForm.Canonical, UrlPath.Classify(canonical), "the canonical form is Canonical");
            Law.Same(NaiveFolding.Of(target.ToString()), canonical, "the canonical form is that of a naive folding");
        }
    }

    // The claim behind Ambiguous: a climbing target that is not refused has the canonical reading, whatever separators an origin
    // honours, or, if its dots are escaped and the origin leaves them so, the reading that changes nothing.
    private static void CheckReadings(string path)
    {
        if (!NaiveOrigin.Climbs(path))
        {
            return;
        }

        var canonical = NaiveFolding.Of(path);
        for (var honoured = 0; honoured < NaiveOrigin.Readings; honoured++)
        {
            var reading = NaiveFolding.Decode(NaiveOrigin.Read(path, honoured));
            Law.Holds(
                reading == canonical || (NaiveOrigin.HasEscapedDot(path) && reading == NaiveFolding.Decode(NaiveOrigin.Read(path, 0))),
                "a target that climbs and is not Invalid has no reading between the judged forms");
        }
    }

    private static string? Write(ReadOnlySpan<char> target, UrlPathOptions options)
    {
        var destination = new char[target.Length];
        var written = UrlPath.WriteCanonical(target, destination, options);
        return written < 0 ? null : new string(destination, 0, written);
    }
}
