using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>How an origin's reading compares with the parser's.</summary>
internal enum StreamAgreement
{
    /// <summary>The same requests.</summary>
    Same,

    /// <summary>The same requests as far as the origin went; then it refused one or said that it closes the connection.</summary>
    Stricter,

    /// <summary>Something else: another request, one more, or one that is missing without a reason.</summary>
    Different,
}

/// <summary>Compares what the parser accepted with what an origin answered to the same bytes.</summary>
/// <param name="Agreement">The result.</param>
/// <param name="Reason">What differs; empty if nothing does.</param>
internal sealed record StreamComparison(StreamAgreement Agreement, string Reason)
{
    private static readonly StreamComparison s_same = new(StreamAgreement.Same, string.Empty);

    /// <summary>Compares in order. An answer without a report is a refusal of the request it stands for.</summary>
    public static StreamComparison Of(OriginKind origin, IReadOnlyList<JudgedRequest> judged, OriginExchange exchange)
    {
        var answers = exchange.Answers;
        var isStricter = false;
        for (var i = 0; i < answers.Count; i++)
        {
            if (i >= judged.Count)
            {
                return Different($"one more; {answers[i]}");
            }

            if (answers[i].Seen is not { } seen)
            {
                isStricter |= answers[i].Status >= 400;
            }
            else if (OriginDifferences.Find(origin, judged[i], seen) is { } difference)
            {
                return Different($"{difference}; request {i} judged {judged[i]}, understood {seen}");
            }
        }

        return answers.Count == judged.Count && !isStricter ? s_same
            : !exchange.IsClosed ? Different($"still waiting; answers {exchange}")
            : answers.Count == judged.Count || isStricter || answers is [.., { Closes: true }] ? new StreamComparison(StreamAgreement.Stricter, string.Empty)
            : Different($"a request is missing; number {answers.Count}: {judged[answers.Count]}");
    }

    private static StreamComparison Different(string reason) => new(StreamAgreement.Different, reason);
}
