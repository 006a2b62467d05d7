using System.Buffers;

namespace PolicyProxy.Protocols;

/// <summary>
/// Stage one of every parser: where does the next message end? Implemented by structs that remember what they have seen, so that bytes
/// arriving in small pieces are examined once. One scanner serves one direction of one connection; not thread-safe.
/// </summary>
public interface IFrameScanner
{
    /// <summary>Why the last scan gave <see cref="OperationStatus.InvalidData"/>; code None otherwise.</summary>
    ProtocolError Error { get; }

    /// <summary>
    /// Looks for the end of the message that starts at the first byte of <paramref name="input"/>. Until it is Done, every call must
    /// start at the same byte and bring at least as many bytes as the last. After Done the scanner is ready for the next message.
    /// </summary>
    /// <param name="input">All bytes received and not yet consumed.</param>
    /// <param name="length">
    /// Done: length of the message in bytes, its length field included. NeedMoreData: the length it will have if already known, else 0.
    /// InvalidData: 0; the connection cannot be read any further.
    /// </param>
    /// <returns>Done, NeedMoreData or InvalidData; never DestinationTooSmall.</returns>
    OperationStatus Scan(in ReadOnlySequence<byte> input, out long length);
}
