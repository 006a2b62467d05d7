namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// A path-compressed tree of literals, each standing for itself or for everything that starts with it. One walk over the input
/// finds the exact entry and all prefixes, at a cost that does not grow with their number. Immutable, no allocation on lookup.
/// </summary>
internal sealed class LiteralTree
{
    private readonly Node[] _nodes;
    private readonly string _edges;
    private readonly string _firstChars;

    private LiteralTree(Node[] nodes, string edges, string firstChars)
    {
        _nodes = nodes;
        _edges = edges;
        _firstChars = firstChars;
    }

    public bool IsEmpty => _nodes.Length == 1 && _nodes[0].Exact is null && _nodes[0].Prefix is null;

    /// <summary>Builds the tree. Values of equal literals are kept together in the order given.</summary>
    public static LiteralTree Build(IEnumerable<(string Literal, bool IsPrefix, int Value)> entries)
    {
        var root = new Draft(string.Empty);
        foreach (var (literal, isPrefix, value) in entries)
        {
            root.Add(literal, isPrefix, value);
        }

        return new Packer().Pack(root);
    }

    /// <summary>Starts a walk over the input; call <see cref="Walk.MoveNext"/> until it returns false.</summary>
    public Walk Find(ReadOnlySpan<char> input) => new(this, input);

    /// <summary>A walk: yields the values of each prefix met, shortest first, and last those of the exact literal.</summary>
    internal ref struct Walk
    {
        private readonly LiteralTree _tree;
        private ReadOnlySpan<char> _rest;
        private int _node;
        private Step _step;

        public Walk(LiteralTree tree, ReadOnlySpan<char> input)
        {
            _tree = tree;
            _rest = input;
            Current = default;
        }

        private enum Step
        {
            Prefix,
            Exact,
            Descend,
            Done,
        }

        public ReadOnlySpan<int> Current { get; private set; }

        public bool MoveNext()
        {
            while (_step != Step.Done)
            {
                ref readonly var node = ref _tree._nodes[_node];
                switch (_step)
                {
                    case Step.Prefix:
                        _step = _rest.IsEmpty ? Step.Exact : Step.Descend;

                        // RE2's dot does not match a newline, so neither does the rest behind a prefix.
                        if (node.Prefix is { } prefix && !_rest.Contains('\n'))
                        {
                            Current = prefix;
                            return true;
                        }

                        break;
                    case Step.Exact:
                        _step = Step.Done;
                        if (node.Exact is { } exact)
                        {
                            Current = exact;
                            return true;
                        }

                        break;
                    default:
                        _step = TryDescend(node) ? Step.Prefix : Step.Done;
                        break;
                }
            }

            return false;
        }

        private bool TryDescend(in Node node)
        {
            var index = _tree._firstChars.AsSpan(node.FirstChild, node.ChildCount).IndexOf(_rest[0]);
            if (index < 0)
            {
                return false;
            }

            ref readonly var child = ref _tree._nodes[node.FirstChild + index];
            var edge = _tree._edges.AsSpan(child.EdgeStart, child.EdgeLength);
            if (!_rest.StartsWith(edge))
            {
                return false;
            }

            _rest = _rest[edge.Length..];
            _node = node.FirstChild + index;
            return true;
        }
    }

    // Children of one node are adjacent, so that one vectorised search over their first characters picks the edge.
    private readonly record struct Node(int EdgeStart, int EdgeLength, int FirstChild, int ChildCount, int[]? Exact, int[]? Prefix);

    private sealed class Draft(string edge)
    {
        private readonly SortedDictionary<char, Draft> _children = [];
        private readonly List<int> _exact = [];
        private readonly List<int> _prefix = [];

        public string Edge { get; private set; } = edge;

        public IReadOnlyCollection<Draft> Children => _children.Values;

        public int[]? Exact => _exact.Count == 0 ? null : [.. _exact];

        public int[]? Prefix => _prefix.Count == 0 ? null : [.. _prefix];

        public void Add(ReadOnlySpan<char> literal, bool isPrefix, int value)
        {
            var node = this;
            while (!literal.IsEmpty)
            {
                if (!node._children.TryGetValue(literal[0], out var child))
                {
                    child = new Draft(literal.ToString());
                    node._children[literal[0]] = child;
                    literal = [];
                }
                else
                {
                    var common = literal.CommonPrefixLength(child.Edge);
                    if (common < child.Edge.Length)
                    {
                        child = node.Split(child, common);
                    }

                    literal = literal[common..];
                }

                node = child;
            }

            (isPrefix ? node._prefix : node._exact).Add(value);
        }

        private Draft Split(Draft child, int at)
        {
            var upper = new Draft(child.Edge[..at]);
            child.Edge = child.Edge[at..];
            upper._children[child.Edge[0]] = child;
            _children[upper.Edge[0]] = upper;
            return upper;
        }
    }

    private sealed class Packer
    {
        private readonly List<Node> _nodes = [];
        private readonly System.Text.StringBuilder _edges = new();
        private readonly System.Text.StringBuilder _firstChars = new();

        public LiteralTree Pack(Draft root)
        {
            var queue = new Queue<(Draft Draft, int Index)>();
            Reserve(root);
            queue.Enqueue((root, 0));
            while (queue.TryDequeue(out var next))
            {
                var first = _nodes.Count;
                foreach (var child in next.Draft.Children)
                {
                    queue.Enqueue((child, Reserve(child)));
                }

                _nodes[next.Index] = _nodes[next.Index] with { FirstChild = first, ChildCount = next.Draft.Children.Count };
            }

            return new LiteralTree([.. _nodes], _edges.ToString(), _firstChars.ToString());
        }

        private int Reserve(Draft draft)
        {
            _nodes.Add(new Node(_edges.Length, draft.Edge.Length, 0, 0, draft.Exact, draft.Prefix));
            _edges.Append(draft.Edge);
            _firstChars.Append(draft.Edge.Length == 0 ? '\0' : draft.Edge[0]);
            return _nodes.Count - 1;
        }
    }
}
