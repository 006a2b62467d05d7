namespace PolicyProxy.Policy.Re2;

/// <summary>Writes instructions, back to front: what comes after is known first.</summary>
internal sealed class Re2ProgramBuilder
{
    private readonly Dictionary<int[], int> _ownerIds = new(SequenceComparer<int>.Instance);

    public Re2ProgramBuilder() => Add(Re2Operation.Match, 0, 0);

    public List<Re2Instruction> Instructions { get; } = [];

    public List<Re2Edge> Edges { get; } = [];

    public List<int> Targets { get; } = [];

    public List<int[]> Owners { get; } = [[]];

    /// <summary>All assertions used.</summary>
    public Re2Assertion Assertions { get; private set; }

    /// <summary>An instruction to be written later.</summary>
    public int Reserve() => Add(Re2Operation.Step, 0, 0);

    public int Step(ReadOnlySpan<Re2Edge> edges)
    {
        var first = Edges.Count;
        Edges.AddRange(edges);
        return Add(Re2Operation.Step, first, edges.Length);
    }

    public int Assert(Re2Assertion assertion, int next)
    {
        Assertions |= assertion;
        return Add(Re2Operation.Assert, next, (int)assertion);
    }

    /// <summary>Continues at a shared address on behalf of these patterns (ascending, distinct).</summary>
    public int Own(int[] patterns, int next)
    {
        if (!_ownerIds.TryGetValue(patterns, out var owner))
        {
            owner = Owners.Count;
            Owners.Add(patterns);
            _ownerIds.Add(patterns, owner);
        }

        return Add(Re2Operation.Own, next, owner);
    }

    public int Split(ReadOnlySpan<int> targets) => Write(Reserve(), targets);

    /// <summary>Writes a split where an instruction was reserved.</summary>
    public int Write(int address, ReadOnlySpan<int> targets)
    {
        Instructions[address] = new Re2Instruction(Re2Operation.Split, Targets.Count, targets.Length);
        Targets.AddRange(targets);
        return address;
    }

    /// <summary>Writes a step where an instruction was reserved.</summary>
    public void Write(int address, ReadOnlySpan<Re2Edge> edges)
    {
        Instructions[address] = new Re2Instruction(Re2Operation.Step, Edges.Count, edges.Length);
        Edges.AddRange(edges);
    }

    private int Add(Re2Operation operation, int a, int b)
    {
        Instructions.Add(new Re2Instruction(operation, a, b));
        return Instructions.Count - 1;
    }
}
