using PolicyProxy.Fuzz.Http;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Http;

public class UrlPathTests
{
    [Theory]
    [MemberData(nameof(UrlPathCases.Canonical), MemberType = typeof(UrlPathCases))]
    public void UrlPath_target_that_every_origin_reads_alike_is_canonical(string target)
    {
        Assert.Equal(UrlPathForm.Canonical, UrlPath.Classify(target));
        Assert.Equal(target, Canonical(target));
    }

    [Theory]
    [MemberData(nameof(UrlPathCases.Folded), MemberType = typeof(UrlPathCases))]
    public void UrlPath_target_that_origins_rewrite_is_folded(string target, string canonical)
    {
        Assert.Equal(UrlPathForm.NeedsCanonical, UrlPath.Classify(target));
        Assert.Equal(canonical, Canonical(target));
        Assert.Equal(UrlPathForm.Canonical, UrlPath.Classify(canonical));
    }

    [Theory]
    [MemberData(nameof(UrlPathCases.Refused), MemberType = typeof(UrlPathCases))]
    public void UrlPath_target_that_cannot_be_judged_is_refused(string target, ProtocolErrorCode code)
    {
        Assert.Equal(UrlPathForm.Invalid, UrlPath.Classify(target));
        Assert.Equal(code, UrlPath.Diagnose(target).Code);
        Assert.Equal(-1, UrlPath.WriteCanonical(target, new char[target.Length]));
    }

    [Theory]
    [InlineData("/a//b/%2e/c", UrlPathOptions.KeepDuplicateSlashes, "/a//b/c")]
    [InlineData("/a%2fb//c", UrlPathOptions.KeepEscapedSlashes, "/a%2Fb/c")]
    [InlineData("/a%5cb\\c", UrlPathOptions.KeepEscapedSlashes, "/a%5Cb/c")]
    [InlineData("/a;v=1/b", UrlPathOptions.KeepParameters, "/a;v=1/b")]
    [InlineData("/a;v=1//b%2Fc", UrlPathOptions.KeepParameters | UrlPathOptions.KeepEscapedSlashes, "/a;v=1/b%2Fc")]
    public void UrlPath_folding_left_out_keeps_the_text(string target, UrlPathOptions options, string canonical) =>
        Assert.Equal(canonical, Canonical(target, options));

    [Fact]
    public void UrlPath_destination_shorter_than_the_target_is_not_written() =>
        Assert.Equal(-1, UrlPath.WriteCanonical("/a//b", new char[4]));

    [Fact]
    public void UrlPath_judging_allocates_nothing()
    {
        var destination = new char[64];
        UrlPath.WriteCanonical("/a/%2e%2e/b;v?x", destination);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            UrlPath.Classify("/api/v1/users/12345?fields=name");
            UrlPath.WriteCanonical("/a/%2F/b;v?x", destination);
            UrlPath.Diagnose("/a/../b%2F");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Random targets made of the pieces that matter.
    [Fact]
    public void UrlPath_random_targets_obey_the_laws_of_the_canonical_form()
    {
        string[] pieces =
        [
            "/", "/", "/", "a", "b", ".", "..", "%2e", "%2E", "%2f", "%5C", "\\", ";", ";x=1", "%25", "%252e", "2", "5", "e", "%32", "%41",
            "%00", "%c0", "%AF", "%e0%80", "?", "q=%", "#", " ", "é", "%", "%zz", "%3f", "%3B", "~", "*",
        ];
        var random = new Random(20260301);
        var forms = new Dictionary<UrlPathForm, int>();
        for (var i = 0; i < 60_000; i++)
        {
            var target = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            target = random.Next(20) == 0 ? target : "/" + target;
            var form = UrlPathLaw.Check(target);
            forms[form] = forms.GetValueOrDefault(form) + 1;
        }

        Assert.All(Enum.GetValues<UrlPathForm>(), form => Assert.True(forms[form] > 1000));
    }

    [Fact]
    public void UrlPath_accepted_target_has_no_reading_that_climbs_between_the_judged_forms()
    {
        string[] pieces = ["/", "/", "/", "a", "b", "..", "%2e%2E", "%2f", "\\", ";", "%5c", "."];
        var random = new Random(7);
        var accepted = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var target = "/" + string.Concat(Enumerable.Range(0, random.Next(1, 10)).Select(_ => pieces[random.Next(pieces.Length)]));
            accepted += UrlPathLaw.Check(target) != UrlPathForm.Invalid && NaiveOrigin.Climbs(target) ? 1 : 0;
        }

        Assert.True(accepted > 500);
    }

    internal static string? Canonical(string target, UrlPathOptions options = UrlPathOptions.None)
    {
        var destination = new char[target.Length];
        var written = UrlPath.WriteCanonical(target, destination, options);
        return written < 0 ? null : new string(destination, 0, written);
    }
}
