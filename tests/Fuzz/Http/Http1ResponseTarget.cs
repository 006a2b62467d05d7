using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>The head scanner and <see cref="Http1Response"/> to every kind of request.</summary>
internal sealed class Http1ResponseTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "http1-response";

    /// <inheritdoc/>
    public override string Dictionary => "http1.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => RecordedMessages.HttpResponses;

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var outcome = FuzzOutcome.Refused;
        foreach (var to in Enum.GetValues<Http1ResponseTo>())
        {
            var small = Run(input, to, HttpFuzzLimits.Small);
            var isAccepted = Run(input, to, HttpLimits.Default) == FuzzOutcome.Accepted;
            Law.Holds(small == FuzzOutcome.Refused || isAccepted, "a tighter limit accepts nothing that a looser one refuses");
            outcome = isAccepted ? FuzzOutcome.Accepted : outcome;
        }

        return outcome;
    }

    private static FuzzOutcome Run(byte[] input, Http1ResponseTo to, HttpLimits limits)
    {
        var seed = Segmentation.SeedOf(input);
        var scan = FrameLaw.Check(() => new Http1HeadScanner(limits), input, Segmentation.Random(input.Length, seed));
        ViewReader read = (message, out error) => Read(message, to, limits, out error);
        var isWhole = ViewLaw.Check(read, input);
        Law.Holds(!isWhole || (scan.Status == OperationStatus.Done && scan.Length == input.Length), "the scanner ends a head where the parser does");
        var head = NaiveHead.Cut(input, scan);
        if (!ViewLaw.Check(read, head))
        {
            return FuzzOutcome.Refused;
        }

        ViewLaw.CheckPrefixes(read, head, Prefixes(head.Length, seed));
        return FuzzOutcome.Accepted;
    }

    private static bool Read(ReadOnlySpan<byte> head, Http1ResponseTo to, HttpLimits limits, out ProtocolError error)
    {
        if (!Http1Response.TryParse(head, to, limits, out var response, out error))
        {
            return false;
        }

        NaiveResponse.Check(head, to, response, limits);
        return true;
    }
}
