namespace PolicyProxy.Policy.Re2;

/// <summary>The bytes of one character class: a small acyclic automaton over UTF-8. Built once per distinct class.</summary>
/// <remarks>Each node is edges as triples: first byte, last byte, node (or <see cref="Accept"/>). Children come before parents, the root is last.</remarks>
internal sealed class Utf8Class
{
    /// <summary>Stands for the end of the code point in an edge.</summary>
    public const int Accept = -1;

    private static readonly (int First, int Last, int Lead, int Continuations)[] Lengths =
    [
        (0x0, 0x7F, 0x00, 0),
        (0x80, 0x7FF, 0xC0, 1),
        (0x800, 0xFFFF, 0xE0, 2),
        (0x10000, 0x10FFFF, 0xF0, 3),
    ];

    private readonly List<int[]> _nodes = [];
    private readonly Dictionary<int[], int> _known = new(SequenceComparer<int>.Instance);

    private Utf8Class()
    {
    }

    /// <summary>The nodes, root last.</summary>
    public IReadOnlyList<int[]> Nodes => _nodes;

    /// <summary>Nodes, with edges counted at half.</summary>
    public int Size { get; private set; }

    /// <summary>Builds the automaton of sorted, disjoint code point ranges. Surrogates have no UTF-8 form and are left out.</summary>
    public static Utf8Class Build(ReadOnlySpan<int> ranges)
    {
        var result = new Utf8Class();
        var root = new List<int>();
        foreach (var length in Lengths)
        {
            result.AddLeads(ranges, length, root);
        }

        // Not shared with a child that happens to be equal: the root is the last one.
        result._nodes.Add([.. root]);
        result.Size = result._nodes.Sum(node => 1 + (node.Length / 6));
        return result;
    }

    private void AddLeads(ReadOnlySpan<int> ranges, (int First, int Last, int Lead, int Continuations) length, List<int> root)
    {
        var within = new List<int>();
        for (var i = 0; i < ranges.Length; i += 2)
        {
            AddPart(within, Math.Max(ranges[i], length.First), Math.Min(Math.Min(ranges[i + 1], length.Last), 0xD7FF));
            AddPart(within, Math.Max(Math.Max(ranges[i], length.First), 0xE000), Math.Min(ranges[i + 1], length.Last));
        }

        AddEdges(within, length.Lead, length.Continuations, root);
    }

    private static void AddPart(List<int> ranges, int first, int last)
    {
        if (first <= last)
        {
            ranges.Add(first);
            ranges.Add(last);
        }
    }

    // Splits ranges by their leading bits (all but 6 per continuation byte), one edge for neighbours that go on alike.
    private void AddEdges(List<int> ranges, int mark, int continuations, List<int> edges)
    {
        var shift = 6 * continuations;
        if (continuations == 0)
        {
            for (var i = 0; i < ranges.Count; i += 2)
            {
                AddEdge(edges, mark | ranges[i], mark | ranges[i + 1], Accept);
            }

            return;
        }

        for (var i = 0; i < ranges.Count;)
        {
            // Leads all of whose code points are in, in one go: a dot would otherwise take 20,000 steps.
            var lead = ranges[i] >> shift;
            var lastWhole = ((ranges[i + 1] + 1) >> shift) - 1;
            if (ranges[i] == lead << shift && lastWhole >= lead)
            {
                AddEdge(edges, mark | lead, mark | lastWhole, Continue([0, (1 << shift) - 1], continuations - 1));
                ranges[i] = (lastWhole + 1) << shift;
                i += ranges[i] > ranges[i + 1] ? 2 : 0;
                continue;
            }

            var rest = new List<int>();
            for (; i < ranges.Count && ranges[i] >> shift == lead; i += 2)
            {
                var last = Math.Min(ranges[i + 1], ((lead + 1) << shift) - 1);
                rest.Add(ranges[i] - (lead << shift));
                rest.Add(last - (lead << shift));
                if (last < ranges[i + 1])
                {
                    ranges[i] = last + 1;
                    break;
                }
            }

            AddEdge(edges, mark | lead, mark | lead, Continue(rest, continuations - 1));
        }
    }

    private int Continue(List<int> ranges, int continuations)
    {
        var edges = new List<int>();
        AddEdges(ranges, 0x80, continuations, edges);
        int[] node = [.. edges];
        if (!_known.TryGetValue(node, out var id))
        {
            id = _nodes.Count;
            _nodes.Add(node);
            _known.Add(node, id);
        }

        return id;
    }

    private static void AddEdge(List<int> edges, int first, int last, int target)
    {
        if (edges.Count > 0 && edges[^1] == target && edges[^2] == first - 1)
        {
            edges[^2] = last;
            return;
        }

        edges.Add(first);
        edges.Add(last);
        edges.Add(target);
    }
}
