using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary><see cref="Http1BodyScanner"/> on chunks, and the same bytes as a body of a length and as one until the end of the connection.</summary>
internal sealed class Http1BodyTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "http1-body";

    /// <inheritdoc/>
    public override string Dictionary => "http1-body.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "0\r\n\r\n",
            "00000000\r\n\r\nGET / HTTP/1.1\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "A\r\n0123456789\r\n0000000b\r\n\0\r\n\xFF\r\n\r\n0\r\n\r\n0\r\n\r\n",
            "1;a\r\nx\r\n2; name=value\r\nyz\r\n0;last\r\n\r\n",
            "1;a=\"b;c\"\r\na\r\n0\r\n\r\n",
            "0\r\nGrpc-Status: 0\r\nEtag: \"a\"\r\n\r\n",
            "3\r\nabc\r\n0\r\nX-Checksum:caf\xE9\r\nY:\r\n\r\n",
        }.Select(RecordedMessages.Bytes),
    ];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var seed = Segmentation.SeedOf(input);
        var ends = Segmentation.Random(input.Length, seed);
        var small = Scan(input, ends, seed, HttpFuzzLimits.Small);
        var scan = Scan(input, ends, seed, HttpLimits.Default);
        Law.Holds(small.Status != OperationStatus.Done || small == scan, "a tighter limit accepts nothing that a looser one refuses");
        CheckPlain(input, ends, (int)(seed % (uint)(input.Length + 4)));
        return scan.Status == OperationStatus.Done ? FuzzOutcome.Accepted : FuzzOutcome.Refused;
    }

    private static IncrementalScan Scan(byte[] input, int[] ends, uint seed, HttpLimits limits)
    {
        var create = () => new BodyScan(Http1BodyKind.Chunked, 0, limits);
        var scan = IncrementalLaw.Check(create, input, ends);
        var ofRequest = IncrementalLaw.Check(() => BodyScan.ForRequest(limits), input, ends);
        Law.Holds(scan.Content <= limits.MaxBodyBytes, "the limit of a body holds");
        if (scan.Status != OperationStatus.Done)
        {
            Law.Holds(ofRequest.Status != OperationStatus.Done, "a request accepts no chunks that a response refuses");
            return scan;
        }

        var length = (int)scan.Consumed;
        var trailers = NaiveChunks.Check(input.AsSpan(0, length), scan.Content);
        Law.Holds(trailers == 0 ? ofRequest == scan : ofRequest.Error == ProtocolErrorCode.HttpTrailerField, "a request refuses trailers and nothing else");
        foreach (var prefix in Prefixes(length, seed))
        {
            var cut = IncrementalLaw.Check(create, input.AsSpan(0, prefix), Segmentation.Whole(prefix));
            Law.Same(OperationStatus.NeedMoreData, cut.Status, "a body that is cut short is not Done");
        }

        return scan;
    }

    private static void CheckPlain(byte[] input, int[] ends, int length)
    {
        var sized = IncrementalLaw.Check(() => new BodyScan(Http1BodyKind.Length, length, HttpLimits.Default), input, ends);
        var taken = Math.Min(length, input.Length);
        var expected = length <= input.Length ? OperationStatus.Done : OperationStatus.NeedMoreData;
        Law.Same(new(expected, taken, taken, ProtocolErrorCode.None), sized, "a body of a length has that length");

        var limit = HttpFuzzLimits.Small.MaxBodyBytes;
        var open = IncrementalLaw.Check(() => new BodyScan(Http1BodyKind.UntilClose, 0, HttpFuzzLimits.Small), input, ends);
        Law.Same(Math.Min(input.Length, limit), open.Consumed, "a body until the end takes everything up to the limit");
        Law.Same(input.Length > limit ? ProtocolErrorCode.HttpBodyTooLarge : ProtocolErrorCode.None, open.Error, "a body until the end is never Done");
    }
}
