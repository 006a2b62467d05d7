using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.Conformance;

/// <summary>Holds an outcome against what the vector expects.</summary>
internal static class VectorComparison
{
    /// <summary>The differences as <c>field: expected X, actual Y</c>; null when there are none.</summary>
    public static string? Differences(Expectation expect, Outcome outcome)
    {
        List<string> differences = [];
        var isValid = outcome.Rejected.Count == 0;
        if (expect.SchemaRejects && expect.Valid && !isValid)
        {
            return null;
        }

        Compare(differences, "valid", expect.Valid ? "yes" : "no", isValid ? "yes" : $"no ({string.Join(',', outcome.Rejected)})", expect.Valid == isValid);
        if (expect.Rejected is { } rejected && !isValid && !expect.SchemaRejects)
        {
            var expected = string.Join(',', rejected.Distinct().Order());
            var actual = string.Join(',', outcome.Rejected.Distinct().Order());
            Compare(differences, "rejected", expected, actual, expected == actual);
        }

        if (expect.Verdict is not null)
        {
            Compare(differences, expect, outcome.Flow);
        }

        return differences.Count == 0 ? null : string.Join("; ", differences);
    }

    private static void Compare(List<string> differences, Expectation expect, FlowAnswer? actual)
    {
        Word(differences, "verdict", expect.Verdict, actual?.Verdict);
        if (expect.Verdict == "error")
        {
            return;
        }

        if (expect.Enforced is { } enforced)
        {
            Compare(differences, "enforced", enforced ? "yes" : "no", actual?.Enforced == true ? "yes" : "no", enforced == actual?.Enforced);
        }

        Word(differences, "l4", expect.L4, actual?.L4);
        Word(differences, "l7protocol", expect.L7Protocol, actual?.L7Protocol);
        Word(differences, "l7", expect.L7, actual?.L7);
        Compare(differences, "auth", expect.Auth ?? "none", actual?.Auth ?? "none", expect.Auth == actual?.Auth);
        var wanted = Lines(expect.HeadersAfter);
        var got = Lines(actual?.HeadersAfter);
        Compare(differences, "headersAfter", wanted, got, wanted == got);
    }

    private static void Word(List<string> differences, string field, string? expected, string? actual)
    {
        if (expected is not null)
        {
            Compare(differences, field, expected, actual ?? "none given", expected == actual);
        }
    }

    private static void Compare(List<string> differences, string field, string expected, string actual, bool same)
    {
        if (!same)
        {
            differences.Add($"{field}: expected {expected}, actual {actual}");
        }
    }

    private static string Lines(IReadOnlyList<HeaderLine>? headers) =>
        headers is null ? "unchanged" : $"[{string.Join(" | ", headers.Select(h => $"{h.Name}: {h.Value}"))}]";
}
