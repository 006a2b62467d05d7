using System.Buffers;

namespace PolicyProxy.Fuzz.Laws;

/// <summary>Builds sequences of several segments, each in memory of its own so that a read across a border cannot go unnoticed.</summary>
internal static class Segments
{
    /// <summary>A sequence of these pieces.</summary>
    public static ReadOnlySequence<byte> Of(params byte[][] pieces)
    {
        var first = new Segment(pieces[0], null);
        var last = first;
        foreach (var piece in pieces.Skip(1))
        {
            last = new Segment(piece, last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>A sequence of the pieces of <paramref name="input"/> that end at these offsets.</summary>
    public static ReadOnlySequence<byte> Of(ReadOnlySpan<byte> input, ReadOnlySpan<int> ends)
    {
        var pieces = new byte[ends.Length][];
        var start = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            pieces[i] = input[start..ends[i]].ToArray();
            start = ends[i];
        }

        return Of(pieces);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes.ToArray();
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
