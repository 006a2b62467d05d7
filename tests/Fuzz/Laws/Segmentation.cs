namespace PolicyProxy.Fuzz.Laws;

/// <summary>
/// Ways to cut input into the pieces in which it arrives. A way is the ascending end offsets of its pieces; the last one is the length of
/// the input. The same seed gives the same way, so that a finding can be repeated.
/// </summary>
internal static class Segmentation
{
    private const int MostPieces = 16;

    /// <summary>Everything at once.</summary>
    public static int[] Whole(int length) => [length];

    /// <summary>Byte by byte.</summary>
    public static int[] Single(int length) => length == 0 ? [0] : [.. Enumerable.Range(1, length)];

    /// <summary>Every cut in two.</summary>
    public static IEnumerable<int[]> EveryCut(int length) => Enumerable.Range(0, length + 1).Select(cut => new[] { cut, length });

    /// <summary>Pieces of random lengths, mostly short, some empty; about sixteen for long input.</summary>
    public static int[] Random(int length, uint seed)
    {
        var state = (seed * 2_654_435_761u) | 1;
        var ends = new List<int>();
        for (var end = 0; end < length;)
        {
            var bound = Math.Max(1 << (int)(Step(ref state) % 6), length * 2 / MostPieces);
            end = Math.Min(length, end + (int)(Step(ref state) % (uint)(bound + 1)));
            ends.Add(end);
        }

        return ends.Count == 0 ? [length] : [.. ends];
    }

    /// <summary>A seed that depends on every byte (FNV-1a), for input that brings none.</summary>
    public static uint SeedOf(ReadOnlySpan<byte> input)
    {
        var hash = 2_166_136_261u;
        foreach (var octet in input)
        {
            hash = (hash ^ octet) * 16_777_619u;
        }

        return hash;
    }

    private static uint Step(ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
    }
}
