using System.Buffers;
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

    private static readonly SearchValues<char> LowerCase =
        SearchValues.Create([.. Enumerable.Range(0, 128).Select(static code => (char)code).Where(static character => !char.IsAsciiLetterUpper(character))]);

    private readonly LabelPattern[] _all;
    private readonly int[] _others;
    private readonly LabelSuffixTable _table;

    /// <summary>Builds the tables; the order of the patterns decides which is the first.</summary>
    public LabelPatternIndex(IEnumerable<LabelPattern> patterns)
    {
        _all = [.. patterns];
        var suffixes = new Dictionary<string, LabelSuffix>(StringComparer.Ordinal);
        var others = new List<int>();
        for (var i = 0; i < _all.Length; i++)
        {
            var pattern = _all[i];
            var suffix = suffixes.GetValueOrDefault(pattern.Body, LabelSuffix.Empty);
            switch (pattern.Kind)
            {
                case LabelPatternKind.Exact:
                    suffixes[pattern.Body] = suffix with { Exact = Math.Min(i, suffix.Exact) };
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
        _table = new LabelSuffixTable(suffixes);
    }

    /// <summary>0-based position of the first pattern that covers the name; -1 if none does.</summary>
    /// <param name="name">As for <see cref="LabelPattern.Matches"/>.</param>
    public int IndexOfFirst(ReadOnlySpan<char> name) =>
        name.ContainsAnyExcept(LowerCase) ? FirstOfAnyCase(name) : FirstOfLowerCase(name);

    private int FirstOfAnyCase(ReadOnlySpan<char> name)
    {
        Span<char> buffer = stackalloc char[MaxTableChars];
        return name.Length > MaxTableChars || Ascii.ToLower(name, buffer, out var length) != OperationStatus.Done
            ? FirstOneByOne(name)
            : FirstOfLowerCase(buffer[..length]);
    }

    private int FirstOfLowerCase(ReadOnlySpan<char> name)
    {
        var first = _table.FirstFor(name);
        foreach (var other in _others)
        {
            if (other > first)
            {
                break;
            }

            if (_all[other].Matches(name))
            {
                first = other;
                break;
            }
        }

        return first == LabelSuffixTable.None ? -1 : first;
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
}
