using System.Numerics;

namespace PolicyProxy.Policy.Identities;

/// <summary>
/// Names and the suffixes of patterns, found for all suffixes of a name in one walk from its last label to its first: each label is hashed
/// once, whatever the number of entries. Immutable; allocates nothing per question.
/// </summary>
internal sealed class LabelSuffixTable
{
    /// <summary>What stands for "no pattern" in an entry.</summary>
    public const int None = int.MaxValue;

    private const int MaxCountedLabels = 63;

    private readonly int[] _slots;
    private readonly Entry[] _entries;
    private readonly ulong _depths;

    /// <summary>Builds the table.</summary>
    /// <param name="entries">What each text stands for; lower case, without a final dot.</param>
    public LabelSuffixTable(IReadOnlyDictionary<string, LabelSuffix> entries)
    {
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)entries.Count * 2 + 1)];
        _entries = new Entry[entries.Count + 1]; // 0 ends a chain
        var next = 1;
        foreach (var (text, suffix) in entries)
        {
            var walk = new Walk(text);
            while (walk.MoveNext())
            {
            }

            ref var slot = ref _slots[walk.Hash & (uint)(_slots.Length - 1)];
            _entries[next] = new Entry(text, walk.Hash, suffix, slot);
            _depths |= Bit(walk.Depth);
            slot = next++;
        }
    }

    /// <summary>The first position that an entry gives for the name; <see cref="None"/> if no entry covers it.</summary>
    /// <param name="name">Lower case, without a final dot.</param>
    public int FirstFor(ReadOnlySpan<char> name)
    {
        var first = None;
        var walk = new Walk(name);
        while (walk.MoveNext())
        {
            if ((_depths & Bit(walk.Depth)) != 0 && Find(walk.Hash, name[walk.Start..]) is var index and > 0)
            {
                var suffix = _entries[index].Suffix;
                first = Math.Min(first, walk.Start == 0 ? suffix.Exact : suffix.FirstBelow(name[..(walk.Start - 1)]));
            }
        }

        return first;
    }

    private static ulong Bit(int depth) => 1UL << Math.Min(depth, MaxCountedLabels);

    private int Find(uint hash, ReadOnlySpan<char> text)
    {
        var index = _slots[hash & (uint)(_slots.Length - 1)];
        while (index > 0)
        {
            ref readonly var entry = ref _entries[index];
            if (entry.Hash == hash && text.SequenceEqual(entry.Text))
            {
                return index;
            }

            index = entry.Next;
        }

        return 0;
    }

    /// <summary>
    /// The suffixes of a name, the last label first. Who asks cannot choose what is in the table, so a keyed hash would guard nothing.
    /// </summary>
    private ref struct Walk(ReadOnlySpan<char> name)
    {
        private readonly ReadOnlySpan<char> _name = name;
        private ulong _state;

        /// <summary>Where the suffix starts.</summary>
        public int Start { get; private set; } = name.Length + 1;

        /// <summary>Labels of the suffix.</summary>
        public int Depth { get; private set; }

        /// <summary>Hash of the suffix.</summary>
        public readonly uint Hash => (uint)(_state ^ (_state >> 32));

        public bool MoveNext()
        {
            if (Start == 0)
            {
                return false;
            }

            var name = _name;
            var word = 1UL;
            var at = Start - 2;
            for (; (uint)at < (uint)name.Length && name[at] is not '.' and var character; at--)
            {
                if (word >> 56 != 0)
                {
                    _state = Mix(_state ^ word);
                    word = 1;
                }

                word = (word << 8) | character;
            }

            _state = Mix(_state ^ word);
            Start = at + 1;
            Depth++;
            return true;
        }

        private static ulong Mix(ulong value) => BitOperations.RotateLeft(value * 0x9E37_79B9_7F4A_7C15, 29);
    }

    private readonly record struct Entry(string Text, uint Hash, LabelSuffix Suffix, int Next);
}

/// <summary>First positions of <c>x</c>, <c>*.x</c> and <c>**.x</c> for one text x; <see cref="LabelSuffixTable.None"/> where there is none.</summary>
/// <param name="Exact">Of the name itself.</param>
/// <param name="OneLabel">Of one label below it, possibly empty.</param>
/// <param name="Labels">Of one or more labels below it.</param>
internal readonly record struct LabelSuffix(int Exact, int OneLabel, int Labels)
{
    /// <summary>No pattern yet.</summary>
    public static LabelSuffix Empty { get; } = new(LabelSuffixTable.None, LabelSuffixTable.None, LabelSuffixTable.None);

    /// <summary>The first position that covers what stands before <c>.x</c>.</summary>
    /// <param name="front">Lower case; empty is one empty label.</param>
    public int FirstBelow(ReadOnlySpan<char> front)
    {
        var one = OneLabel != LabelSuffixTable.None && LabelPattern.IsLabelText(front) ? OneLabel : LabelSuffixTable.None;
        return Labels < one && LabelPattern.IsLabels(front) ? Labels : one;
    }
}
