using System.Collections.Frozen;
using System.Text;

namespace PolicyProxy.Policy.Identities;

/// <summary>
/// Many patterns, asked at once: exact names and suffixes by table, the rest one by one. The cost grows with the labels of the name and
/// the patterns that have a star in an unusual place. Immutable; allocates nothing per question.
/// </summary>
internal sealed class LabelPatternIndex
{
    // Longer names than this cannot be DNS names; they take the slow way, which is always right.
    private const int MaxTableChars = 256;

    private readonly LabelPattern[] _all;
    private readonly int[] _others;
    private readonly bool _hasExact;
    private readonly bool _hasSuffixes;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, Suffix>.AlternateLookup<ReadOnlySpan<char>> _suffixes;

    /// <summary>Builds the tables; the order of the patterns decides which is the first.</summary>
    public LabelPatternIndex(IEnumerable<LabelPattern> patterns)
    {
        _all = [.. patterns];
        var exact = new Dictionary<string, int>(StringComparer.Ordinal);
        var suffixes = new Dictionary<string, Suffix>(StringComparer.Ordinal);
        var others = new List<int>();
        for (var i = 0; i < _all.Length; i++)
        {
            var pattern = _all[i];
            var suffix = suffixes.GetValueOrDefault(pattern.Body, new Suffix(int.MaxValue, int.MaxValue));
            switch (pattern.Kind)
            {
                case LabelPatternKind.Exact:
                    exact.TryAdd(pattern.Text, i);
                    break;
                case LabelPatternKind.OneLabelBelow:
                    suffixes[pattern.Body] = suffix with { OneLabel = Math.Min(i, suffix.OneLabel) };
                    break;
                case LabelPatternKind.LabelsBelow:
                    suffixes[pattern.Body] = suffix with { Labels = Math.Min(i, suffix.Labels) };
                    break;
                default:
                    others.Add(i);
                    break;
            }
        }

        _others = [.. others];
        _hasExact = exact.Count > 0;
        _hasSuffixes = suffixes.Count > 0;
        _exact = exact.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _suffixes = suffixes.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>0-based position of the first pattern that covers the name; -1 if none does.</summary>
    /// <param name="name">As for <see cref="LabelPattern.Matches"/>.</param>
    public int IndexOfFirst(ReadOnlySpan<char> name)
    {
        Span<char> buffer = stackalloc char[MaxTableChars];
        if (name.Length > MaxTableChars || Ascii.ToLower(name, buffer, out var length) != System.Buffers.OperationStatus.Done)
        {
            return FirstOneByOne(name);
        }

        ReadOnlySpan<char> lower = buffer[..length];
        var first = _hasExact && _exact.TryGetValue(lower, out var index) ? index : int.MaxValue;
        first = _hasSuffixes ? Math.Min(first, FirstSuffix(lower)) : first;
        foreach (var other in _others)
        {
            if (other > first)
            {
                break;
            }

            if (_all[other].Matches(lower))
            {
                first = other;
                break;
            }
        }

        return first == int.MaxValue ? -1 : first;
    }

    private int FirstOneByOne(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < _all.Length; i++)
        {
            if (_all[i].Matches(name))
            {
                return i;
            }
        }

        return -1;
    }

    private int FirstSuffix(ReadOnlySpan<char> name)
    {
        var first = int.MaxValue;
        var start = 0;
        for (var length = name.IndexOf('.'); length >= 0; length = name[start..].IndexOf('.'))
        {
            var label = name.Slice(start, length);
            if (!LabelPattern.IsLabelText(label))
            {
                break;
            }

            var behind = name[(start + length + 1)..];
            if (_suffixes.TryGetValue(behind, out var suffix))
            {
                // an empty label satisfies *.x, but not **.x
                first = Math.Min(first, Math.Min(start == 0 ? suffix.OneLabel : int.MaxValue, length > 0 ? suffix.Labels : int.MaxValue));
            }

            if (length == 0)
            {
                break;
            }

            start += length + 1;
        }

        return first;
    }

    /// <summary>First positions of <c>*.x</c> and <c>**.x</c> for one x; int.MaxValue if there is none.</summary>
    private readonly record struct Suffix(int OneLabel, int Labels);
}
