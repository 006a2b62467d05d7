using System.Collections.Frozen;

namespace PolicyProxy.Policy.Re2;

/// <summary>Which code points are equal under <c>(?i)</c>: the simple case foldings of Unicode, closed under equivalence.</summary>
internal static class CaseOrbits
{
    private static readonly FrozenDictionary<int, int> Successors = Build();

    private static readonly int[] Folding = [.. Successors.Keys.Order()];

    /// <summary>The next code point of the orbit, cyclic; <paramref name="codePoint"/> itself when it has no case.</summary>
    public static int Next(int codePoint) => Successors.TryGetValue(codePoint, out var next) ? next : codePoint;

    /// <summary>The code points in the inclusive range that have a case at all, ascending.</summary>
    public static ReadOnlySpan<int> Within(int first, int last)
    {
        var from = IndexOfAtLeast(first);
        return Folding.AsSpan(from, IndexOfAtLeast(last + 1) - from);
    }

    private static int IndexOfAtLeast(int codePoint)
    {
        var index = Array.BinarySearch(Folding, codePoint);
        return index < 0 ? ~index : index;
    }

    private static FrozenDictionary<int, int> Build()
    {
        var successors = new Dictionary<int, int>();
        var pairs = CaseOrbitTable.Pairs;
        for (var i = 0; i < pairs.Length; i += 4)
        {
            for (var small = pairs[i]; small <= pairs[i + 1]; small += pairs[i + 2])
            {
                successors[small] = small + pairs[i + 3];
                successors[small + pairs[i + 3]] = small;
            }
        }

        var larger = CaseOrbitTable.Larger;
        for (int first = 0, i = 0; i < larger.Length; i++)
        {
            if (larger[i] == 0)
            {
                successors[larger[i - 1]] = larger[first];
                first = i + 1;
            }
            else if (i > first)
            {
                successors[larger[i - 1]] = larger[i];
            }
        }

        return successors.ToFrozenDictionary();
    }
}
