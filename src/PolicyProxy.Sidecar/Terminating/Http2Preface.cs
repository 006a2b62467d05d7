using System.Buffers;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>Tells HTTP/2 with prior knowledge from HTTP/1.1 by the first bytes of a connection (RFC 9113 §3.3, §3.4).</summary>
internal static class Http2Preface
{
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>True if the bytes begin with the preface, false if they cannot, null if more bytes are needed (at most 24).</summary>
    public static bool? Match(in ReadOnlySequence<byte> start)
    {
        var reader = new SequenceReader<byte>(start);
        foreach (var expected in Preface)
        {
            if (!reader.TryRead(out var actual))
            {
                return null;
            }

            if (actual != expected)
            {
                return false;
            }
        }

        return true;
    }
}
