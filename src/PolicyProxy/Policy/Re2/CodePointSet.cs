using System.Runtime.InteropServices;

namespace PolicyProxy.Policy.Re2;

/// <summary>Collects code points and gives them back as sorted, disjoint, inclusive ranges (pairs: first, last). Not thread-safe.</summary>
internal sealed class CodePointSet
{
    /// <summary>The last code point of Unicode.</summary>
    public const int Last = 0x10FFFF;

    /// <summary>The ranges of every code point.</summary>
    public static readonly int[] All = [0, Last];

    private readonly List<(int First, int Last)> _ranges = [];

    /// <summary>Adds an inclusive range.</summary>
    public void Add(int first, int last) => _ranges.Add((first, last));

    /// <summary>Adds ranges given as pairs, and with <paramref name="fold"/> everything equal to a member under <c>(?i)</c>.</summary>
    public void Add(ReadOnlySpan<int> ranges, bool fold)
    {
        for (var i = 0; i < ranges.Length; i += 2)
        {
            Add(ranges[i], ranges[i + 1]);
            if (fold)
            {
                AddOrbits(ranges[i], ranges[i + 1]);
            }
        }
    }

    /// <summary>The members as sorted, disjoint, non-adjacent ranges.</summary>
    public int[] ToRanges()
    {
        _ranges.Sort();
        var result = new List<int>(_ranges.Count * 2);
        foreach (var (first, last) in CollectionsMarshal.AsSpan(_ranges))
        {
            if (result.Count > 0 && first <= result[^1] + 1)
            {
                result[^1] = Math.Max(result[^1], last);
            }
            else
            {
                result.Add(first);
                result.Add(last);
            }
        }

        return [.. result];
    }

    /// <summary>Every code point outside the given sorted, disjoint ranges.</summary>
    public static int[] Negate(ReadOnlySpan<int> ranges)
    {
        var result = new List<int>(ranges.Length + 2);
        var next = 0;
        for (var i = 0; i < ranges.Length; i += 2)
        {
            if (ranges[i] > next)
            {
                result.Add(next);
                result.Add(ranges[i] - 1);
            }

            next = ranges[i + 1] + 1;
        }

        if (next <= Last)
        {
            result.Add(next);
            result.Add(Last);
        }

        return [.. result];
    }

    private void AddOrbits(int first, int last)
    {
        foreach (var member in CaseOrbits.Within(first, last))
        {
            for (var other = CaseOrbits.Next(member); other != member; other = CaseOrbits.Next(other))
            {
                Add(other, other);
            }
        }
    }
}
