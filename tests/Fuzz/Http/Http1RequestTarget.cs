using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>The head scanner, <see cref="Http1Request"/> with everything it offers, and <see cref="UrlPath"/> on its path.</summary>
internal sealed class Http1RequestTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "http1-request";

    /// <inheritdoc/>
    public override string Dictionary => "http1.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds => RecordedMessages.HttpRequests;

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var small = Run(input, HttpFuzzLimits.Small);
        var outcome = Run(input, HttpLimits.Default);
        Law.Holds(small == FuzzOutcome.Refused || outcome == FuzzOutcome.Accepted, "a tighter limit accepts nothing that a looser one refuses");
        return outcome;
    }

    private static FuzzOutcome Run(byte[] input, HttpLimits limits)
    {
        var seed = Segmentation.SeedOf(input);
        var scan = FrameLaw.Check(() => new Http1HeadScanner(limits), input, Segmentation.Random(input.Length, seed));
        ViewReader read = (message, out error) => Read(message, limits, out error);
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

    private static bool Read(ReadOnlySpan<byte> head, HttpLimits limits, out ProtocolError error)
    {
        var scratch = ArrayPool<char>.Shared.Rent(limits.MaxScratchChars);
        var isRead = Http1Request.TryParse(head, limits, scratch.AsSpan(0, limits.MaxScratchChars), out var request, out error);
        if (isRead)
        {
            NaiveRequest.Check(head, request, limits);
            UrlPathLaw.Check(request.Path);
        }

        ArrayPool<char>.Shared.Return(scratch);
        return isRead;
    }
}
