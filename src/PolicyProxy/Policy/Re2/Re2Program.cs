namespace PolicyProxy.Policy.Re2;

/// <summary>What a <see cref="Re2Instruction"/> does.</summary>
internal enum Re2Operation : byte
{
    /// <summary>Consumes a byte: <c>A</c> is the first of <c>B</c> edges, sorted by byte and disjoint.</summary>
    Step,

    /// <summary>Goes on at <c>B</c> instructions at once, listed from <c>A</c>.</summary>
    Split,

    /// <summary>Goes on at <c>A</c> if the assertion <c>B</c> holds.</summary>
    Assert,

    /// <summary>Goes on at <c>A</c> on behalf of owner <c>B</c>.</summary>
    Own,

    /// <summary>The thread's owner matches if the input ends here.</summary>
    Match,
}

/// <summary>One instruction; operands as <see cref="Re2Operation"/> says.</summary>
internal readonly record struct Re2Instruction(Re2Operation Operation, int A, int B);

/// <summary>One way to consume a byte: inclusive byte range and the instruction after it.</summary>
internal readonly record struct Re2Edge(byte First, byte Last, int Target);

/// <summary>The byte automaton of a set of patterns, as instructions. Immutable, thread-safe.</summary>
/// <remarks>Code reached from <see cref="Start"/> runs without an owner until <see cref="Re2Operation.Own"/> says whose match it has become;
/// code after that is shared between all patterns that end alike. So ten thousand patterns that differ in one name cost ten thousand
/// names and one ending.</remarks>
internal sealed class Re2Program
{
    /// <summary>The only <see cref="Re2Operation.Match"/> instruction.</summary>
    public const int MatchAddress = 0;

    private readonly Re2Instruction[] _instructions;
    private readonly Re2Edge[] _edges;
    private readonly int[] _targets;
    private readonly int[][] _owners;

    public Re2Program(Re2ProgramBuilder builder, int start)
    {
        _instructions = [.. builder.Instructions];
        _edges = [.. builder.Edges];
        _targets = [.. builder.Targets];
        _owners = [.. builder.Owners];
        Start = start;
        HasAssertions = builder.Assertions != 0;
        Classes = new Re2ByteClasses(_edges, builder.Assertions);
    }

    public int Start { get; }

    /// <summary>False when no pattern needs to know where it is.</summary>
    public bool HasAssertions { get; }

    /// <summary>Which bytes no pattern tells apart.</summary>
    public Re2ByteClasses Classes { get; }

    public int Length => _instructions.Length;

    public Re2Instruction this[int address] => _instructions[address];

    /// <summary>The instructions a <see cref="Re2Operation.Split"/> goes on at.</summary>
    public ReadOnlySpan<int> TargetsOf(Re2Instruction split) => _targets.AsSpan(split.A, split.B);

    /// <summary>The patterns an owner stands for, ascending. Owner 0 is nobody.</summary>
    public int[] PatternsOf(int owner) => _owners[owner];

    /// <summary>The patterns any of these owners stands for, ascending and distinct.</summary>
    public int[] PatternsOf(ReadOnlySpan<int> owners)
    {
        if (owners.Length < 2)
        {
            return owners.IsEmpty ? [] : PatternsOf(owners[0]);
        }

        var patterns = new List<int>();
        foreach (var owner in owners)
        {
            patterns.AddRange(PatternsOf(owner));
        }

        patterns.Sort();
        return [.. patterns.Distinct()];
    }

    /// <summary>The instruction after <paramref name="value"/> is consumed, or -1.</summary>
    public int Follow(Re2Instruction step, byte value)
    {
        var edges = _edges.AsSpan(step.A, step.B);
        int low = 0, high = edges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (value < edges[middle].First)
            {
                high = middle - 1;
            }
            else if (value > edges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return edges[middle].Target;
            }
        }

        return -1;
    }
}
