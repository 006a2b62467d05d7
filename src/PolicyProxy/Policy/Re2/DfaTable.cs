namespace PolicyProxy.Policy.Re2;

/// <summary>Cached automaton states. Readers use it without a lock; only <see cref="LazyDfa"/> writes, under its own.</summary>
/// <remarks>
/// A state is the index of its row in <see cref="Next"/>: one column per byte class, then one for what matches if the input ends there.
/// Every cell starts at <see cref="Unknown"/> and is written once, so a reader that sees an old value only asks again under the lock.
/// Arrays are replaced by larger copies in a new table of the same generation; a flush starts a new generation, whose states are others.
/// </remarks>
internal sealed class DfaTable
{
    /// <summary>A cell nobody has computed yet.</summary>
    public const int Unknown = 0;

    /// <summary>A transition after which nothing can match.</summary>
    public const int Dead = -1;

    /// <summary>A transition that also sets the owner register: this value minus an index into <see cref="Entries"/>.</summary>
    public const int FirstEntry = -2;

    /// <summary>In the last column: nothing matches here.</summary>
    public const int MatchesNothing = 1;

    /// <summary>In the last column: the patterns of the owner in the register match.</summary>
    public const int MatchesRegister = 2;

    /// <summary>In the last column: an index into <see cref="Matches"/> plus this.</summary>
    public const int FirstMatch = 3;

    public required int Generation { get; init; }

    public required int Stride { get; init; }

    public required int[] Next { get; init; }

    /// <summary>Threads of each state, by row number; the first item is the context.</summary>
    public required long[][] Keys { get; init; }

    /// <summary>Sorted lists of patterns that match together.</summary>
    public required int[][] Matches { get; init; }

    /// <summary>Owner in the upper half, state in the lower.</summary>
    public required long[] Entries { get; init; }

    /// <summary>The state before any input.</summary>
    public required int Start { get; init; }

    /// <summary>The register before any input.</summary>
    public required int StartOwner { get; init; }

    /// <summary>The same states with room for more of everything that is full. <see cref="Next"/> stays below <paramref name="maxCells"/> if it can.</summary>
    public DfaTable Grow(int rows, int matches, int entries, int maxCells) => new()
    {
        Generation = Generation,
        Stride = Stride,
        Next = Larger(Next, rows * Stride, maxCells),
        Keys = Larger(Keys, rows),
        Matches = Larger(Matches, matches),
        Entries = Larger(Entries, entries),
        Start = Start,
        StartOwner = StartOwner,
    };

    private static T[] Larger<T>(T[] array, int length, int most = int.MaxValue)
    {
        if (array.Length >= length)
        {
            return array;
        }

        var larger = new T[Math.Max(length, Math.Min(array.Length * 2, most))];
        array.CopyTo(larger, 0);
        return larger;
    }
}
