namespace PolicyProxy.Policy.Re2;

/// <summary>Caches the states of a program as inputs need them. Reading known states takes no lock; new states are made under one.</summary>
/// <remarks>When the memory is used up the cache starts over. When it is used up again too soon, it is left as it is for a while and inputs
/// that need other states are matched without it, so a flood of unusual inputs costs neither memory nor a lock.</remarks>
internal sealed partial class LazyDfa
{
    // RE2's measure: a state that served fewer bytes than this was not worth making.
    private const int WorthwhileBytesPerState = 10;

    private readonly Lock _lock = new();
    private readonly Re2Program _program;
    private readonly int _maxBytes;
    private readonly int _stride;
    private readonly Re2Simulation _simulation;
    private readonly ThreadSet _threads = new();
    private readonly long[] _startKey;
    private readonly int _startOwner;
    private volatile DfaTable? _table;

    // How many more inputs that miss the cache are turned away before it starts over.
    private int _missesLeft;
    private bool _startOverWhenFull;
    private long _bytesServed;

    public LazyDfa(Re2Program program, int maxBytes)
    {
        _program = program;
        _maxBytes = maxBytes;
        _stride = program.Classes.Count + 1;
        _simulation = new Re2Simulation(program);
        _simulation.Start(_threads);
        _startKey = MakeKey(_threads, Re2Context.AtBegin, out _startOwner).ToArray();
        if (RowBytes(_startKey) <= maxBytes / 4)
        {
            StartOver();
        }
    }

    /// <summary>How often the cache has started over, for tests.</summary>
    public int Generation => _table?.Generation ?? 0;

    /// <summary>The place before any input; false when nothing is cached.</summary>
    public bool TryBegin(out DfaCursor cursor)
    {
        cursor = default;
        if (_table is not { } table)
        {
            return false;
        }

        cursor.Table = table;
        cursor.State = table.Start;
        cursor.Owner = table.StartOwner;
        return true;
    }

    /// <summary>Takes any step, also those the reader's own loop cannot take. <paramref name="inputLength"/> is counted once per input.</summary>
    public DfaStep Step(ref DfaCursor cursor, int byteClass, int inputLength)
    {
        var cell = cursor.Table.Next[cursor.State + byteClass];
        if (TryTake(ref cursor, cell, out var step))
        {
            return step;
        }

        if (Volatile.Read(ref _missesLeft) > 0)
        {
            Interlocked.Decrement(ref _missesLeft);
            return DfaStep.NotCached;
        }

        lock (_lock)
        {
            if (!cursor.IsCounted)
            {
                cursor.IsCounted = true;
                _bytesServed += inputLength;
            }

            return TryCatchUp(ref cursor) && TryCompute(cursor.State, byteClass, out cell)
                ? TakeFresh(ref cursor, cell)
                : DfaStep.NotCached;
        }
    }

    /// <summary>The patterns that match if the input ends here; false when this table cannot tell any more.</summary>
    public bool TryGetMatches(in DfaCursor cursor, out int[] patterns)
    {
        var table = cursor.Table;
        var cell = table.Next[cursor.State + _stride - 1];
        patterns = [];
        switch (cell)
        {
            case DfaTable.MatchesNothing:
                return true;
            case DfaTable.MatchesRegister:
                patterns = _program.PatternsOf(cursor.Owner);
                return true;
            case DfaTable.Unknown:
                return false;
            default:
                var index = cell - DfaTable.FirstMatch;
                if (index >= table.Matches.Length || Volatile.Read(ref table.Matches[index]) is not { } found)
                {
                    return false;
                }

                patterns = found;
                return true;
        }
    }

    // False for cells that this table, possibly outdated, does not explain.
    private static bool TryTake(ref DfaCursor cursor, int cell, out DfaStep step)
    {
        step = cell == DfaTable.Dead ? DfaStep.NoMatch : DfaStep.Moved;
        if (cell > 0)
        {
            cursor.State = cell;
            return true;
        }

        var entries = cursor.Table.Entries;
        var index = DfaTable.FirstEntry - cell;
        if (cell > DfaTable.FirstEntry || index >= entries.Length)
        {
            return cell == DfaTable.Dead;
        }

        // One 64-bit value, so that owner and state are of one piece.
        var entry = Volatile.Read(ref entries[index]);
        cursor.Owner = (int)(entry >> 32);
        cursor.State = (int)entry;
        return entry != 0;
    }

    private DfaStep TakeFresh(ref DfaCursor cursor, int cell)
    {
        cursor.Table = _table!;
        TryTake(ref cursor, cell, out var step);
        return step;
    }

    // Brings the cursor to the current table; its state has to be found again if the cache has started over since.
    private bool TryCatchUp(ref DfaCursor cursor)
    {
        var table = cursor.Table;
        if (table.Generation != _table!.Generation)
        {
            var row = cursor.State / _stride;
            if (row >= table.Keys.Length || table.Keys[row] is not { } key || !TryFindOrAdd(key, out var state))
            {
                return false;
            }

            cursor.State = state;
        }

        cursor.Table = _table!;
        return true;
    }

    private bool TryCompute(int state, int byteClass, out int cell)
    {
        var table = _table!;
        cell = table.Next[state + byteClass];
        if (cell != DfaTable.Unknown)
        {
            return true;
        }

        var key = table.Keys[state / _stride];
        var value = _program.Classes.MemberOf(byteClass);
        _simulation.Advance(key.AsSpan(1), (Re2Context)key[0], value, _threads);
        if (_threads.Count == 0)
        {
            cell = DfaTable.Dead;
        }
        else if (!TryFindOrAdd(MakeKey(_threads, Re2Simulation.ContextAfter(value), out var owner), out cell))
        {
            return false;
        }
        else if (owner != 0)
        {
            cell = DfaTable.FirstEntry - FindOrAddEntry(owner, cell);
        }

        // Making the state may have started the cache over; the state stepped from is then gone.
        if (_table is { } current && current.Generation == table.Generation)
        {
            Volatile.Write(ref current.Next[state + byteClass], cell);
        }

        return true;
    }
}
