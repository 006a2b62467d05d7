using System.Runtime.InteropServices;

namespace PolicyProxy.Policy.Re2;

// How states are told apart, stored and thrown away. Everything here runs under the lock.
internal sealed partial class LazyDfa
{
    // Array headers, the dictionary's entry and the reference in Keys.
    private const int RowOverheadBytes = 96;

    private const int InitialRows = 16;

    private readonly Dictionary<long[], int> _states = new(SequenceComparer<long>.Instance);
    private readonly Dictionary<long, int> _entryIds = [];
    private readonly Dictionary<int[], int> _matchIds = new(SequenceComparer<int>.Instance);
    private readonly List<int> _owners = [];
    private long[] _key = new long[64];
    private int _rows;
    private long _usedBytes;

    private int RowBytes(ReadOnlySpan<long> key) => (_stride * sizeof(int)) + (key.Length * sizeof(long)) + RowOverheadBytes;

    // The identity of a state: its context, if any thread waits for it, and its threads in order. When all threads have one owner,
    // the owner is left out, so that all owners share the state. Valid until the next call.
    private ReadOnlySpan<long> MakeKey(ThreadSet threads, Re2Context context, out int commonOwner)
    {
        var length = threads.Count + 1;
        if (_key.Length < length)
        {
            _key = new long[length * 2];
        }

        var items = _key.AsSpan(1, threads.Count);
        threads.Items.CopyTo(items);
        items.Sort();
        _key[0] = _simulation.HasWaiting(items) ? (long)context : 0;
        commonOwner = 0;
        var owner = items.IsEmpty ? 0 : ThreadSet.OwnerOf(items[0]);
        if (owner != 0 && owner != Re2Simulation.RegisterOwner && ThreadSet.OwnerOf(items[^1]) == owner)
        {
            commonOwner = owner;
            foreach (ref var item in items)
            {
                item = ThreadSet.Thread(Re2Simulation.RegisterOwner, ThreadSet.AddressOf(item));
            }
        }

        return _key.AsSpan(0, length);
    }

    private bool TryFindOrAdd(ReadOnlySpan<long> key, out int state)
    {
        if (_states.GetAlternateLookup<ReadOnlySpan<long>>().TryGetValue(key, out state))
        {
            return true;
        }

        var bytes = RowBytes(key);
        if (_usedBytes + bytes > _maxBytes && !TryMakeRoom(bytes))
        {
            return false;
        }

        state = Add(key.ToArray());
        return true;
    }

    private bool TryMakeRoom(int bytes)
    {
        var isWorthwhile = _bytesServed >= (long)WorthwhileBytesPerState * _rows;
        if (bytes > _maxBytes / 4 || (!isWorthwhile && !_startOverWhenFull))
        {
            _startOverWhenFull = true;
            Volatile.Write(ref _missesLeft, WorthwhileBytesPerState * Math.Max(_rows, InitialRows));
            return false;
        }

        StartOver();
        return true;
    }

    private void StartOver()
    {
        _states.Clear();
        _entryIds.Clear();
        _matchIds.Clear();
        _rows = 1;
        _usedBytes = 0;
        _bytesServed = 0;
        _startOverWhenFull = false;

        // Row 0 stays empty, because state 0 means unknown; row 1 is the start, known before it is filled.
        _table = new DfaTable
        {
            Generation = Generation + 1,
            Stride = _stride,
            Next = new int[InitialRows * _stride],
            Keys = new long[InitialRows][],
            Matches = new int[InitialRows][],
            Entries = new long[InitialRows],
            Start = _stride,
            StartOwner = _startOwner,
        };
        Add(_startKey);
    }

    private int Add(long[] key)
    {
        var row = _rows++;
        _usedBytes += RowBytes(key);
        var table = RoomFor(_rows, _matchIds.Count + 1, _entryIds.Count);
        var state = row * _stride;
        table.Keys[row] = key;
        table.Next[state + _stride - 1] = MatchCellOf(table, key);
        _states.Add(key, state);
        return state;
    }

    private DfaTable RoomFor(int rows, int matches, int entries)
    {
        var table = _table!;
        if (rows > table.Keys.Length || rows * _stride > table.Next.Length || matches > table.Matches.Length || entries > table.Entries.Length)
        {
            _table = table = table.Grow(rows, matches, entries, _maxBytes / sizeof(int));
        }

        return table;
    }

    private int FindOrAddEntry(int owner, int state)
    {
        var entry = ((long)owner << 32) | (uint)state;
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_entryIds, entry, out var exists);
        if (!exists)
        {
            index = _entryIds.Count - 1;
            _usedBytes += 6 * sizeof(long);
            Volatile.Write(ref RoomFor(_rows, _matchIds.Count, _entryIds.Count).Entries[index], entry);
        }

        return index;
    }

    private int MatchCellOf(DfaTable table, long[] key)
    {
        _owners.Clear();
        _simulation.AddMatches(key.AsSpan(1), (Re2Context)key[0], _owners);
        if (_owners.Count == 0)
        {
            return DfaTable.MatchesNothing;
        }

        if (_owners[0] == Re2Simulation.RegisterOwner)
        {
            return DfaTable.MatchesRegister;
        }

        var patterns = _program.PatternsOf(CollectionsMarshal.AsSpan(_owners));
        if (!_matchIds.TryGetValue(patterns, out var id))
        {
            id = _matchIds.Count;
            _matchIds.Add(patterns, id);
            _usedBytes += patterns.Length * sizeof(int);
            Volatile.Write(ref table.Matches[id], patterns);
        }

        return DfaTable.FirstMatch + id;
    }
}
