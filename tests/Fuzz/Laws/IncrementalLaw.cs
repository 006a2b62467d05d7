using System.Buffers;
using PolicyProxy.Protocols;

namespace PolicyProxy.Fuzz.Laws;

/// <summary>What an incremental scanner said about some input, however many scans that took.</summary>
/// <param name="Status">Done, NeedMoreData or InvalidData.</param>
/// <param name="Consumed">Bytes consumed in all scans together.</param>
/// <param name="Content">Bytes of content among them.</param>
/// <param name="Error">Reason of a refusal.</param>
internal readonly record struct IncrementalScan(OperationStatus Status, long Consumed, long Content, ProtocolErrorCode Error);

/// <summary>What every <see cref="IIncrementalScanner"/> obeys for any input, valid or not.</summary>
internal static class IncrementalLaw
{
    /// <summary>Scans the input whole and in pieces; status, consumed total, content and error have to be the same.</summary>
    /// <param name="create">Makes a scanner in front of the first byte.</param>
    /// <param name="input">Any bytes.</param>
    /// <param name="ends">Where the pieces end; see <see cref="Segmentation"/>.</param>
    /// <returns>The scan of the whole input.</returns>
    public static IncrementalScan Check<TScanner>(Func<TScanner> create, ReadOnlySpan<byte> input, ReadOnlySpan<int> ends)
        where TScanner : struct, IIncrementalScanner
    {
        var whole = Run(create(), input, [input.Length]);
        Law.Same(whole, Run(create(), input, ends), "bytes that arrive in pieces are scanned as the whole is");
        return whole;
    }

    private static IncrementalScan Run<TScanner>(TScanner scanner, ReadOnlySpan<byte> input, ReadOnlySpan<int> ends)
        where TScanner : struct, IIncrementalScanner
    {
        var status = OperationStatus.NeedMoreData;
        var total = 0;
        foreach (var end in ends)
        {
            var piece = input[total..end];
            status = scanner.Scan(piece, out var consumed);
            total += consumed;
            CheckSane(scanner, status, piece.Length, consumed);
            Law.Holds(scanner.ContentBytes >= 0 && scanner.ContentBytes <= total, "content is a part of what was consumed");
            if (status != OperationStatus.NeedMoreData)
            {
                CheckAfterwards(scanner, status, input[total..]);
                break;
            }
        }

        return new(status, total, scanner.ContentBytes, scanner.Error.Code);
    }

    private static void CheckSane<TScanner>(TScanner scanner, OperationStatus status, int inputLength, int consumed)
        where TScanner : struct, IIncrementalScanner
    {
        var isRefused = scanner.Error.Code != ProtocolErrorCode.None;
        Law.Holds(isRefused == (status == OperationStatus.InvalidData), "InvalidData and only that has an error");
        Law.Holds(consumed >= 0 && consumed <= inputLength, "no more is consumed than there is");
        Law.Holds(status != OperationStatus.NeedMoreData || consumed == inputLength, "NeedMoreData consumes everything");
        Law.Holds(!isRefused || scanner.Error.Offset == consumed, "the offset of an error is behind the last byte consumed");
    }

    private static void CheckAfterwards<TScanner>(TScanner scanner, OperationStatus status, ReadOnlySpan<byte> rest)
        where TScanner : struct, IIncrementalScanner
    {
        var content = scanner.ContentBytes;
        Law.Same(status, scanner.Scan(rest, out var consumed), "after Done or InvalidData a scanner stays so");
        Law.Holds(consumed == 0 && scanner.ContentBytes == content, "after Done or InvalidData a scanner consumes nothing");
    }
}
