using System.Buffers;
using PolicyProxy.Protocols;

namespace PolicyProxy.Fuzz.Laws;

/// <summary>A scanner that takes each byte once and keeps none, as bodies need it; the shape that <see cref="IncrementalLaw"/> knows.</summary>
internal interface IIncrementalScanner
{
    /// <summary>Why the last scan gave InvalidData, with the offset inside the bytes of that scan.</summary>
    ProtocolError Error { get; }

    /// <summary>Bytes of content so far, without framing.</summary>
    long ContentBytes { get; }

    /// <summary>Takes the next bytes.</summary>
    OperationStatus Scan(ReadOnlySpan<byte> input, out int consumed);
}
