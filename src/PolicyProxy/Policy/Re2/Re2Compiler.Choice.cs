using System.Runtime.InteropServices;

namespace PolicyProxy.Policy.Re2;

internal sealed partial class Re2Compiler
{
    // A prefix tree over elements. It grows only as deep as sequences share elements: where one sequence is alone, its rest is
    // compiled as a plain sequence, which sequences with the same rest share. Without recursion, for prefixes can be long.
    private int Choose(Span<Entry> entries, Ending ending)
    {
        var open = new Stack<(int Address, int From, int Count)>();
        var edges = new List<Re2Edge>();
        var targets = new List<int>();
        var root = ChooseWithin(entries, 0, entries.Length, ending, open);
        while (open.TryPop(out var node))
        {
            edges.Clear();
            targets.Clear();
            SortByHead(entries.Slice(node.From, node.Count));
            var end = node.From + node.Count;
            for (int from = node.From, to; from < end; from = to)
            {
                to = EndOfGroup(entries, from, end);
                AddGroup(entries, from, to - from, ending, open, edges, targets);
            }

            Write(node.Address, edges, targets);
        }

        return root;
    }

    private void Write(int address, List<Re2Edge> edges, List<int> targets)
    {
        if (targets.Count == 0)
        {
            _builder.Write(address, CollectionsMarshal.AsSpan(edges));
            return;
        }

        if (edges.Count > 0)
        {
            targets.Add(_builder.Step(CollectionsMarshal.AsSpan(edges)));
        }

        _builder.Write(address, CollectionsMarshal.AsSpan(targets));
    }

    private void AddGroup(
        Span<Entry> entries, int from, int count, Ending ending, Stack<(int Address, int From, int Count)> open, List<Re2Edge> edges, List<int> targets)
    {
        var sequence = entries[from].Sequence;
        var head = HeadOf(entries[from]);
        if (head < 0 || (!Re2Terms.IsByte(head) && AreAlike(entries.Slice(from, count))))
        {
            targets.Add(Alone(entries.Slice(from, count), sequence, ending));
            return;
        }

        foreach (ref var entry in entries.Slice(from, count))
        {
            entry = entry with { Sequence = _terms.TailOf(entry.Sequence) };
        }

        var next = ChooseWithin(entries, from, count, ending, open);
        if (Re2Terms.IsByte(head))
        {
            edges.Add(new Re2Edge((byte)head, (byte)head, next));
        }
        else
        {
            targets.Add(CompileElement(head, next));
        }
    }

    private int ChooseWithin(Span<Entry> entries, int from, int count, Ending ending, Stack<(int Address, int From, int Count)> open)
    {
        if (count > 0 && AreAlike(entries.Slice(from, count)))
        {
            return Alone(entries.Slice(from, count), entries[from].Sequence, ending);
        }

        var address = _builder.Reserve();
        open.Push((address, from, count));
        return address;
    }

    private int Alone(Span<Entry> entries, int sequence, Ending ending)
    {
        var start = Compile(sequence, ending);
        if (!ending.IsOwned)
        {
            return start;
        }

        var patterns = new SortedSet<int>();
        foreach (var entry in entries)
        {
            patterns.Add(entry.Pattern);
        }

        return _builder.Own([.. patterns], start);
    }

    private int HeadOf(Entry entry) => entry.Sequence == Re2Terms.End ? -1 : _terms.HeadOf(entry.Sequence);

    private static bool AreAlike(ReadOnlySpan<Entry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Sequence != entries[0].Sequence)
            {
                return false;
            }
        }

        return true;
    }

    private int EndOfGroup(ReadOnlySpan<Entry> entries, int from, int end)
    {
        var head = HeadOf(entries[from]);
        var to = from + 1;
        while (to < end && HeadOf(entries[to]) == head)
        {
            to++;
        }

        return to;
    }

    private void SortByHead(Span<Entry> entries)
    {
        for (var i = 1; i < entries.Length; i++)
        {
            if (HeadOf(entries[i]) < HeadOf(entries[i - 1]))
            {
                entries.Sort((x, y) => HeadOf(x).CompareTo(HeadOf(y)));
                return;
            }
        }
    }
}
