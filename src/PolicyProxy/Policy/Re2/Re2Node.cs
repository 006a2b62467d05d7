namespace PolicyProxy.Policy.Re2;

/// <summary>What a <see cref="Re2Node"/> stands for.</summary>
internal enum Re2NodeKind
{
    /// <summary>The empty string.</summary>
    Empty,

    /// <summary>One code point, in <see cref="Re2Node.Value"/>.</summary>
    Literal,

    /// <summary>One code point out of <see cref="Re2Node.Ranges"/>; nothing when there are none.</summary>
    Class,

    /// <summary>A condition on the place, a <see cref="Re2Assertion"/> in <see cref="Re2Node.Value"/>.</summary>
    Assertion,

    /// <summary>One part after the other.</summary>
    Concat,

    /// <summary>Any one of the parts.</summary>
    Alternate,

    /// <summary>The only part, <see cref="Re2Node.Value"/> to <see cref="Re2Node.Max"/> times.</summary>
    Repeat,

    /// <summary>A capturing group; captures are not reported, it only counts for the nesting limit.</summary>
    Group,
}

/// <summary>Conditions on a place in the input, as flags.</summary>
[Flags]
internal enum Re2Assertion
{
    /// <summary>No condition.</summary>
    None = 0,

    /// <summary><c>\A</c>, and <c>^</c> without <c>(?m)</c>.</summary>
    BeginText = 1,

    /// <summary><c>^</c> with <c>(?m)</c>: also after a line feed.</summary>
    BeginLine = 2,

    /// <summary><c>\z</c>, and <c>$</c> without <c>(?m)</c>.</summary>
    EndText = 4,

    /// <summary><c>$</c> with <c>(?m)</c>: also before a line feed.</summary>
    EndLine = 8,

    /// <summary><c>\b</c>, between an ASCII word character and something else.</summary>
    WordBoundary = 16,

    /// <summary><c>\B</c>, everywhere else.</summary>
    NoWordBoundary = 32,
}

/// <summary>A node of a parsed pattern. Immutable; nodes may be shared between patterns.</summary>
internal sealed class Re2Node
{
    /// <summary>The value of <see cref="Max"/> for a repetition without an upper bound.</summary>
    public const int Unbounded = -1;

    /// <summary>The node of the empty string.</summary>
    public static readonly Re2Node Empty = new(Re2NodeKind.Empty) { Size = 1 };

    private static readonly Re2Node[] AsciiLiterals = [.. Enumerable.Range(0, 128).Select(code => new Re2Node(Re2NodeKind.Literal) { Value = code })];

    private Re2Node(Re2NodeKind kind) => Kind = kind;

    public Re2NodeKind Kind { get; }

    /// <summary>Code point, assertion or minimum count, by <see cref="Kind"/>.</summary>
    public int Value { get; private init; }

    /// <summary>Maximum count of a repetition, or <see cref="Unbounded"/>.</summary>
    public int Max { get; private init; }

    /// <summary>Sorted, disjoint code point ranges of a class.</summary>
    public int[] Ranges { get; private init; } = [];

    public Re2Node[] Parts { get; private init; } = [];

    /// <summary>Instructions Go's compiler would need, pessimistically; its limit for one pattern is in instructions.</summary>
    public long Size { get; private init; } = 1;

    /// <summary>Longest way down, in nodes.</summary>
    public int Height { get; private init; } = 1;

    /// <summary>Largest product of nested counted repetitions.</summary>
    public long Copies { get; private init; } = 1;

    public static Re2Node Literal(int codePoint) =>
        codePoint < AsciiLiterals.Length ? AsciiLiterals[codePoint] : new Re2Node(Re2NodeKind.Literal) { Value = codePoint };

    public static Re2Node Class(int[] ranges) =>
        ranges.Length == 2 && ranges[0] == ranges[1] ? Literal(ranges[0]) : new Re2Node(Re2NodeKind.Class) { Ranges = ranges };

    public static Re2Node Assertion(Re2Assertion assertion) => new(Re2NodeKind.Assertion) { Value = (int)assertion };

    public static Re2Node Group(Re2Node inner) =>
        new(Re2NodeKind.Group) { Parts = [inner], Size = inner.Size + 2, Height = inner.Height + 1, Copies = inner.Copies };

    public static Re2Node Repeat(Re2Node inner, int min, int max) => new(Re2NodeKind.Repeat)
    {
        Value = min,
        Max = max,
        Parts = [inner],
        Size = Math.Max(1, max >= 0 ? (max * inner.Size) + (max - min) : min == 0 ? inner.Size + 2 : (min * inner.Size) + 1),
        Height = inner.Height + 1,
        Copies = max == 0 ? 1 : Math.Max(1, max > 0 ? max : min) * inner.Copies,
    };

    /// <summary>One part after the other; parts that are concatenations themselves are taken apart.</summary>
    public static Re2Node Concat(List<Re2Node> parts) => Join(Re2NodeKind.Concat, parts);

    /// <summary>Any of the parts; parts that are alternations themselves are taken apart.</summary>
    public static Re2Node Alternate(List<Re2Node> parts) => Join(Re2NodeKind.Alternate, parts);

    private static Re2Node Join(Re2NodeKind kind, List<Re2Node> parts)
    {
        if (parts.Count < 2)
        {
            return parts.Count == 0 ? Empty : parts[0];
        }

        var flat = new List<Re2Node>(parts.Count);
        foreach (var part in parts)
        {
            if (part.Kind == kind)
            {
                flat.AddRange(part.Parts);
            }
            else
            {
                flat.Add(part);
            }
        }

        long size = kind == Re2NodeKind.Alternate ? flat.Count - 1 : 0;
        var height = 0;
        long copies = 1;
        foreach (var part in flat)
        {
            size += part.Size;
            height = Math.Max(height, part.Height);
            copies = Math.Max(copies, part.Copies);
        }

        return new Re2Node(kind) { Parts = [.. flat], Size = size, Height = height + 1, Copies = copies };
    }
}
