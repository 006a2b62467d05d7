using System.Buffers;
using PolicyProxy.Protocols;

namespace PolicyProxy.Fuzz.Laws;

/// <summary>What a frame scanner said about some input.</summary>
/// <param name="Status">Done, NeedMoreData or InvalidData.</param>
/// <param name="Length">The length it gave.</param>
/// <param name="Error">The error it holds.</param>
internal readonly record struct FrameScan(OperationStatus Status, long Length, ProtocolError Error);

/// <summary>What every <see cref="IFrameScanner"/> obeys for any input, valid or not.</summary>
internal static class FrameLaw
{
    /// <summary>
    /// Scans the input whole, as it arrives in pieces, and as one sequence of these pieces; all have to agree, no message may end before
    /// its last byte has come, and the scanner has to go on with the next message or to stay refused.
    /// </summary>
    /// <param name="create">Makes a scanner in front of its first message.</param>
    /// <param name="input">Any bytes.</param>
    /// <param name="ends">Where the pieces end; see <see cref="Segmentation"/>.</param>
    /// <returns>The scan of the whole input.</returns>
    public static FrameScan Check<TScanner>(Func<TScanner> create, byte[] input, ReadOnlySpan<int> ends)
        where TScanner : struct, IFrameScanner
    {
        var scanner = create();
        var whole = Scan(ref scanner, new(input));
        CheckSane(whole, input.Length);
        Law.Same(whole, Arrive(create(), input, ends, whole), "input that arrives in pieces is scanned as the whole is");
        var inPieces = create();
        Law.Same(whole, Scan(ref inPieces, Segments.Of(input, ends)), "input of several segments is scanned as one segment is");
        CheckAfterwards(create(), scanner, whole, input);
        return whole;
    }

    private static FrameScan Arrive<TScanner>(TScanner scanner, byte[] input, ReadOnlySpan<int> ends, FrameScan whole)
        where TScanner : struct, IFrameScanner
    {
        FrameScan scan = default;
        for (var i = 0; i < ends.Length; i++)
        {
            scan = Scan(ref scanner, Segments.Of(input, ends[..(i + 1)]));
            CheckSane(scan, ends[i]);
            if (scan.Status != OperationStatus.NeedMoreData)
            {
                break;
            }

            Law.Holds(scan.Length == 0 || whole.Status != OperationStatus.Done || scan.Length == whole.Length, "a length told early is the length of the message");
        }

        return scan;
    }

    private static void CheckSane(FrameScan scan, int inputLength)
    {
        var isRefused = scan.Error.Code != ProtocolErrorCode.None;
        Law.Holds(isRefused == (scan.Status == OperationStatus.InvalidData), "InvalidData and only that has an error");
        Law.Holds(scan.Error.Offset >= 0 && scan.Error.Offset <= inputLength, "the offset of an error is inside the input");
        Law.Holds(
            scan.Status switch
            {
                OperationStatus.Done => scan.Length > 0 && scan.Length <= inputLength,
                OperationStatus.NeedMoreData => scan.Length == 0 || scan.Length > inputLength,
                OperationStatus.InvalidData => scan.Length == 0,
                _ => false,
            },
            "the length fits the status and the input");
    }

    private static void CheckAfterwards<TScanner>(TScanner fresh, TScanner used, FrameScan whole, byte[] input)
        where TScanner : struct, IFrameScanner
    {
        if (whole.Status == OperationStatus.Done)
        {
            var rest = new ReadOnlySequence<byte>(input, (int)whole.Length, input.Length - (int)whole.Length);
            Law.Same(Scan(ref fresh, rest), Scan(ref used, rest), "after Done a scanner reads the next message as a fresh one does");
        }
        else if (whole.Status == OperationStatus.InvalidData)
        {
            Law.Same(whole, Scan(ref used, new(input)), "after InvalidData a scanner stays refused");
        }
    }

    private static FrameScan Scan<TScanner>(ref TScanner scanner, ReadOnlySequence<byte> input)
        where TScanner : struct, IFrameScanner
    {
        var status = scanner.Scan(input, out var length);
        return new(status, length, scanner.Error);
    }
}
