using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>
/// Whole connections: head, body, next head, in two segmentations that the input chooses and as a whole. The first byte of the input says
/// which side is read (bit 0: responses, bits 1-2: to what) and with which limits (bit 3: the small ones); the next two are the seeds of
/// the segmentations; the connection follows.
/// </summary>
internal sealed class Http1StreamTarget : FuzzTarget
{
    private const int ControlBytes = 3;
    private const int MaxSeedBytes = 2048;
    private const string Chunks = "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\n";

    /// <inheritdoc/>
    public override string Name => "http1-stream";

    /// <inheritdoc/>
    public override string Dictionary => "http1.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Compose()];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        if (input.Length < ControlBytes)
        {
            return FuzzOutcome.Refused;
        }

        var stream = input[ControlBytes..];
        var side = new StreamSide((input[0] & 1) != 0, (Http1ResponseTo)Math.Min((input[0] >> 1) & 3, 2));
        var limits = (input[0] & 8) != 0 ? HttpFuzzLimits.Small : HttpLimits.Default;
        var whole = StreamReading.Run(stream, side, limits, Segmentation.Whole(stream.Length));
        CheckTiles(whole, stream.Length);
        CheckSame(whole, StreamReading.Run(stream, side, limits, Segmentation.Random(stream.Length, input[1])));
        CheckSame(whole, StreamReading.Run(stream, side, limits, Segmentation.Random(stream.Length, input[2] + 256u)));
        if (stream.Length <= 512)
        {
            CheckSame(whole, StreamReading.Run(stream, side, limits, Segmentation.Single(stream.Length)));
        }

        return whole.Any(step => step.Kind == StreamEventKind.Body) ? FuzzOutcome.Accepted : FuzzOutcome.Refused;
    }

    private static void CheckSame(IReadOnlyList<StreamEvent> whole, IReadOnlyList<StreamEvent> pieces)
    {
        for (var i = 0; i < Math.Min(whole.Count, pieces.Count); i++)
        {
            Law.Same(whole[i], pieces[i], "a connection means the same however it is cut");
        }

        Law.Same(whole.Count, pieces.Count, "a connection has as many steps however it is cut");
    }

    // Heads and bodies lie side by side: no byte is skipped and none is read twice.
    private static void CheckTiles(IReadOnlyList<StreamEvent> events, int length)
    {
        var next = 0L;
        foreach (var step in events)
        {
            Law.Holds(step.Kind == StreamEventKind.Refused ? step.Offset >= next && step.Offset <= length : step.Offset == next, "steps of a connection lie side by side");
            next += step.Bytes;
            Law.Holds(next <= length, "no step reaches beyond the input");
        }
    }

    // Of the recorded connections those that are short enough to be changed much
    private static IEnumerable<byte[]> Compose()
    {
        foreach (var connection in RecordedConnection.All.Where(connection => connection.Bytes.Length <= MaxSeedBytes))
        {
            var control = (connection.Side.IsResponse ? 1 : 0) + (2 * (int)connection.Side.To);
            yield return [(byte)control, (byte)connection.Bytes.Length, (byte)(connection.Bytes.Length >> 3), .. connection.Bytes];
        }

        yield return [8, 1, 2, .. RecordedMessages.Bytes("PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunks + "\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")];
        yield return [1, 1, 2, .. RecordedMessages.Bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunks + "X-Sum: 8\r\n\r\nHTTP/1.1 204 None\r\n\r\n")];
        yield return [9, 1, 2, .. RecordedMessages.Bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 \r\n\r\nrest")];
    }
}
