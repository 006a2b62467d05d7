using System.Buffers;
using PolicyProxy.Fuzz.Laws;

namespace PolicyProxy.Protocols.Tests.Laws;

/// <summary>Mistakes that parsers of streams have had.</summary>
public enum Mistake
{
    /// <summary>Obeys every law.</summary>
    None,

    /// <summary>Looks at the first segment of a sequence only.</summary>
    ForgetsSegments,

    /// <summary>Counts one byte less when it was called before.</summary>
    EndsOneByteEarlyInPieces,

    /// <summary>Tells a length that is not there.</summary>
    CountsBeyondTheInput,

    /// <summary>Does not read the next message as it read the first, or goes on after the end.</summary>
    ForgetsToStartAgain,

    /// <summary>Gives InvalidData without an error.</summary>
    RefusesWithoutReason,
}

/// <summary>Finds the end of lines, with one mistake.</summary>
internal struct LineScanner(Mistake mistake) : IFrameScanner
{
    private int _calls;

    /// <inheritdoc/>
    public readonly ProtocolError Error => default;

    /// <inheritdoc/>
    public OperationStatus Scan(in ReadOnlySequence<byte> input, out long length)
    {
        _calls++;
        var end = mistake == Mistake.ForgetsSegments
            ? input.FirstSpan.IndexOf((byte)'\n')
            : input.PositionOf((byte)'\n') is { } position ? (int)input.Slice(0, position).Length : -1;
        length = end < 0 ? 0 : end + 1;
        length += mistake == Mistake.CountsBeyondTheInput && end >= 0 ? input.Length : 0;
        length -= mistake == Mistake.EndsOneByteEarlyInPieces && end >= 0 && _calls > 1 ? 1 : 0;
        return end < 0 ? OperationStatus.NeedMoreData
            : mistake == Mistake.RefusesWithoutReason || (mistake == Mistake.ForgetsToStartAgain && _calls > 1) ? OperationStatus.InvalidData
            : OperationStatus.Done;
    }
}

/// <summary>Takes bytes up to the end of a line, with one mistake.</summary>
internal struct LineEater(Mistake mistake) : IIncrementalScanner
{
    private int _calls;
    private bool _isDone;

    /// <inheritdoc/>
    public readonly ProtocolError Error => default;

    /// <inheritdoc/>
    public long ContentBytes { get; private set; }

    /// <inheritdoc/>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (_isDone && mistake != Mistake.ForgetsToStartAgain)
        {
            return OperationStatus.Done;
        }

        _calls++;
        var end = input.IndexOf((byte)'\n');
        consumed = end < 0 ? input.Length : end + 1;
        consumed += mistake == Mistake.CountsBeyondTheInput ? 1 : 0;
        consumed -= mistake == Mistake.EndsOneByteEarlyInPieces && end >= 0 && _calls > 1 ? 1 : 0;
        ContentBytes += consumed;
        _isDone = end >= 0;
        return mistake == Mistake.RefusesWithoutReason ? OperationStatus.InvalidData : _isDone ? OperationStatus.Done : OperationStatus.NeedMoreData;
    }
}
