namespace PolicyProxy.Policy.Re2;

/// <summary>What is known about a place in the input from what came before it.</summary>
[Flags]
internal enum Re2Context
{
    /// <summary>Nothing that matters.</summary>
    None = 0,

    /// <summary>Nothing came before.</summary>
    AtBegin = 1,

    /// <summary>A line feed came before.</summary>
    AfterLineFeed = 2,

    /// <summary>An ASCII word character came before.</summary>
    AfterWord = 4,
}

/// <summary>Runs a program one byte at a time on sets of threads. The only place that knows what instructions mean. Not thread-safe.</summary>
internal sealed class Re2Simulation(Re2Program program)
{
    /// <summary>The owner of threads whose owner is kept elsewhere, because all threads of the state have the same.</summary>
    public const int RegisterOwner = int.MaxValue;

    /// <summary>The value standing for the end of the input where a byte is expected.</summary>
    public const int EndOfInput = -1;

    // What comes before a place decides these at once; the others wait for the next byte.
    private const Re2Assertion DecidedByPast = Re2Assertion.BeginText | Re2Assertion.BeginLine;

    private readonly ThreadSet _seen = new();
    private readonly ThreadSet _resolved = new();
    private readonly Stack<long> _open = new();

    /// <summary>The threads before any input.</summary>
    public void Start(ThreadSet threads)
    {
        threads.Clear();
        _seen.Clear();
        Follow(ThreadSet.Thread(0, program.Start), DecidedByPast, decideAll: false, threads);
    }

    /// <summary>True when a thread waits for the next byte to decide an assertion, so that the context is part of the state.</summary>
    public bool HasWaiting(ReadOnlySpan<long> threads)
    {
        if (!program.HasAssertions)
        {
            return false;
        }

        foreach (var thread in threads)
        {
            if (program[ThreadSet.AddressOf(thread)].Operation == Re2Operation.Assert)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The threads after <paramref name="value"/> is consumed.</summary>
    public void Advance(ReadOnlySpan<long> threads, Re2Context context, byte value, ThreadSet result)
    {
        threads = Decide(threads, context, value);
        result.Clear();
        _seen.Clear();
        var holds = value == '\n' ? Re2Assertion.BeginLine : Re2Assertion.None;
        foreach (var thread in threads)
        {
            var instruction = program[ThreadSet.AddressOf(thread)];
            if (instruction.Operation == Re2Operation.Step && program.Follow(instruction, value) is var target and >= 0)
            {
                Follow(ThreadSet.Thread(ThreadSet.OwnerOf(thread), target), holds, decideAll: false, result);
            }
        }
    }

    /// <summary>Adds the owners of the threads that match if the input ends here.</summary>
    public void AddMatches(ReadOnlySpan<long> threads, Re2Context context, List<int> owners)
    {
        foreach (var thread in Decide(threads, context, EndOfInput))
        {
            if (program[ThreadSet.AddressOf(thread)].Operation == Re2Operation.Match)
            {
                owners.Add(ThreadSet.OwnerOf(thread));
            }
        }
    }

    /// <summary>The context after <paramref name="value"/>.</summary>
    public static Re2Context ContextAfter(byte value) =>
        value == '\n' ? Re2Context.AfterLineFeed : Re2ByteClasses.IsWord(value) ? Re2Context.AfterWord : Re2Context.None;

    private ReadOnlySpan<long> Decide(ReadOnlySpan<long> threads, Re2Context context, int next)
    {
        if (!HasWaiting(threads))
        {
            return threads;
        }

        var holds = Holding(context, next);
        _resolved.Clear();
        _seen.Clear();
        foreach (var thread in threads)
        {
            Follow(thread, holds, decideAll: true, _resolved);
        }

        return _resolved.Items;
    }

    private static Re2Assertion Holding(Re2Context context, int next)
    {
        var holds = Re2Assertion.None;
        if ((context & Re2Context.AtBegin) != 0)
        {
            holds |= Re2Assertion.BeginText | Re2Assertion.BeginLine;
        }

        if ((context & Re2Context.AfterLineFeed) != 0)
        {
            holds |= Re2Assertion.BeginLine;
        }

        if (next == EndOfInput)
        {
            holds |= Re2Assertion.EndText | Re2Assertion.EndLine;
        }
        else if (next == '\n')
        {
            holds |= Re2Assertion.EndLine;
        }

        var isBoundary = (context & Re2Context.AfterWord) != 0 != Re2ByteClasses.IsWord(next);
        return holds | (isBoundary ? Re2Assertion.WordBoundary : Re2Assertion.NoWordBoundary);
    }

    // Everything reachable without input. Only steps, matches and undecided assertions are results.
    private void Follow(long first, Re2Assertion holds, bool decideAll, ThreadSet result)
    {
        _open.Push(first);
        while (_open.TryPop(out var thread))
        {
            var owner = ThreadSet.OwnerOf(thread);
            var instruction = program[ThreadSet.AddressOf(thread)];
            if (instruction.Operation is Re2Operation.Step or Re2Operation.Match)
            {
                result.Add(thread);
                continue;
            }

            if (!_seen.Add(thread))
            {
                continue;
            }

            switch (instruction.Operation)
            {
                case Re2Operation.Split:
                    foreach (var target in program.TargetsOf(instruction))
                    {
                        _open.Push(ThreadSet.Thread(owner, target));
                    }

                    break;
                case Re2Operation.Own:
                    _open.Push(ThreadSet.Thread(instruction.B, instruction.A));
                    break;
                case Re2Operation.Assert when (holds & (Re2Assertion)instruction.B) != 0:
                    _open.Push(ThreadSet.Thread(owner, instruction.A));
                    break;
                case Re2Operation.Assert when !decideAll && ((Re2Assertion)instruction.B & DecidedByPast) == 0:
                    result.Add(thread);
                    break;
            }
        }
    }
}
