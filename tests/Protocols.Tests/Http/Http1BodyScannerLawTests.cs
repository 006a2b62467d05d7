using PolicyProxy.Fuzz.Http;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1BodyScannerLawTests : IncrementalScannerLaws
{
    protected override IReadOnlyList<byte[]> Messages { get; } =
        [.. Http1BodyScannerTests.Bodies.Select(row => Http1Heads.Bytes((string)((object?[])row)[0]!))];

    private protected override IncrementalScan Check(ReadOnlySpan<byte> input, ReadOnlySpan<int> ends) =>
        IncrementalLaw.Check(() => new BodyScan(Http1BodyKind.Chunked, 0, HttpLimits.Default), input, ends);
}
