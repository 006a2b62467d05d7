using System.Buffers.Binary;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Fuzz.Dns;

/// <summary>A message as query and as answer, the reply to it, the answer without ECH, and the scanner for TCP. The input has no length in front.</summary>
internal sealed class DnsMessageTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "dns-message";

    /// <inheritdoc/>
    public override string Dictionary => "dns-message.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. RecordedMessages.DnsQueries, .. RecordedMessages.DnsResponses.Where(message => message.Length <= 1_232)];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var seed = Segmentation.SeedOf(input);
        CheckFrame(input, seed);
        var isQuery = ViewLaw.Check(DnsReading.ReadQuery, input);
        DnsReplyLaw.Check(input, isQuery);
        var isMessage = ViewLaw.Check(DnsReading.ReadMessage, input);
        var isAnswer = ViewLaw.Check(DnsReading.ReadAnswer, input);
        Law.Holds(isMessage || (!isQuery && !isAnswer), "queries and answers are messages");
        Law.Holds(!(isQuery && isAnswer), "a query is no answer");
        if (!isMessage)
        {
            return FuzzOutcome.Refused;
        }

        ViewLaw.CheckPrefixes(DnsReading.ReadMessage, input, Prefixes(input.Length, seed));
        DnsEchLaw.Check(input);
        return FuzzOutcome.Accepted;
    }

    private static void CheckFrame(byte[] input, uint seed)
    {
        byte[] frame = [0, 0, .. input.Take(ushort.MaxValue)];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)(frame.Length - DnsTcpScanner.LengthBytes));
        var scan = FrameLaw.Check(() => default(DnsTcpScanner), frame, Segmentation.Random(frame.Length, seed));
        Law.Holds(scan.Length == frame.Length || input.Length < DnsHeader.Bytes, "a frame is as long as it says");
        _ = FrameLaw.Check(() => new DnsTcpScanner(DnsLimits.Default.MaxQueryBytes), input, Segmentation.Random(input.Length, seed));
    }
}
