using PolicyProxy.Conformance;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.Tests.Conformance;

public sealed class VectorComparisonTests
{
    private static readonly Expectation Allowed = new()
    {
        Valid = true, Enforced = true, L4 = "redirect", L7Protocol = "http", L7 = "allowed", Verdict = "allowed",
    };

    private static readonly FlowAnswer AllowedAnswer = new() { Enforced = true, L4 = "redirect", L7Protocol = "http", L7 = "allowed", Verdict = "allowed" };

    [Fact]
    public void Comparison_same_answer_has_no_difference() =>
        Assert.Null(VectorComparison.Differences(Allowed, new Outcome([], AllowedAnswer)));

    [Theory]
    [InlineData("verdict")]
    [InlineData("enforced")]
    [InlineData("l4")]
    [InlineData("l7protocol")]
    [InlineData("l7")]
    [InlineData("auth")]
    [InlineData("headersAfter")]
    public void Comparison_any_other_field_is_named(string field)
    {
        var other = field switch
        {
            "verdict" => AllowedAnswer with { Verdict = "denied" },
            "enforced" => AllowedAnswer with { Enforced = false },
            "l4" => AllowedAnswer with { L4 = "allowed" },
            "l7protocol" => AllowedAnswer with { L7Protocol = "tls" },
            "l7" => AllowedAnswer with { L7 = "not-evaluated" },
            "auth" => AllowedAnswer with { Auth = "spire" },
            _ => AllowedAnswer with { HeadersAfter = [new HeaderLine("a", "b")] },
        };

        Assert.StartsWith(field + ": expected ", VectorComparison.Differences(Allowed, new Outcome([], other)));
    }

    [Fact]
    public void Comparison_rejected_object_that_should_be_valid_is_a_difference() =>
        Assert.Equal("valid: expected yes, actual no (2)", VectorComparison.Differences(new Expectation { Valid = true }, new Outcome([2], null)));

    [Fact]
    public void Comparison_object_the_schema_rejects_may_be_rejected_or_judged()
    {
        var expect = Allowed with { SchemaRejects = true };

        Assert.Null(VectorComparison.Differences(expect, new Outcome([0], AllowedAnswer with { Verdict = "denied" })));
        Assert.NotNull(VectorComparison.Differences(expect, new Outcome([], AllowedAnswer with { Verdict = "denied" })));
    }

    [Fact]
    public void Comparison_expected_error_needs_an_error()
    {
        var expect = new Expectation { Valid = true, Verdict = "error" };

        Assert.Null(VectorComparison.Differences(expect, new Outcome([], FlowAnswer.Error)));
        Assert.Equal("verdict: expected error, actual allowed", VectorComparison.Differences(expect, new Outcome([], AllowedAnswer)));
    }

    [Fact]
    public void Conformance_run_without_vectors_fails()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            Assert.False(new ConformanceRun(new NaiveSubject(), null, TextWriter.Null).Run(directory.FullName));
        }
        finally
        {
            directory.Delete();
        }
    }
}
