using System.Text;

namespace PolicyProxy.Policy.Re2;

/// <summary>Patterns as sequences of elements, every distinct sequence and element stored once: equal suffixes of different patterns get the
/// same number. A sequence is 0 (empty) or a cell of one element and the sequence after it. Elements below 256 are bytes.</summary>
internal sealed class Re2Terms
{
    /// <summary>The empty sequence.</summary>
    public const int End = 0;

    private const int FirstComplex = 256;

    private readonly Dictionary<long, int> _cellIds = [];
    private readonly List<(int Element, int Tail, long Size)> _cells = [(0, 0, 0)];
    private readonly Dictionary<int[], int> _elementIds = new(SequenceComparer<int>.Instance);
    private readonly List<Re2Element> _elements = [];

    /// <summary>First element of a sequence that is not empty.</summary>
    public int HeadOf(int sequence) => _cells[sequence].Element;

    /// <summary>What follows the first element.</summary>
    public int TailOf(int sequence) => _cells[sequence].Tail;

    /// <summary>Instructions a sequence compiles to, if nothing were shared.</summary>
    public long SizeOf(int sequence) => _cells[sequence].Size;

    /// <summary>True for an element that is one byte, its own number.</summary>
    public static bool IsByte(int element) => element < FirstComplex;

    /// <summary>An element that is not a byte.</summary>
    public Re2Element Complex(int element) => _elements[element - FirstComplex];

    /// <summary>The sequence of <paramref name="node"/> followed by <paramref name="tail"/>.</summary>
    public int Sequence(Re2Node node, int tail)
    {
        switch (node.Kind)
        {
            case Re2NodeKind.Empty:
                return tail;
            case Re2NodeKind.Group:
                return Sequence(node.Parts[0], tail);
            case Re2NodeKind.Concat:
                for (var i = node.Parts.Length - 1; i >= 0; i--)
                {
                    tail = Sequence(node.Parts[i], tail);
                }

                return tail;
            case Re2NodeKind.Literal when Rune.IsValid(node.Value):
                return Literal(new Rune(node.Value), tail);
            case Re2NodeKind.Repeat:
                return Repeat(node, tail);
            case Re2NodeKind.Alternate:
                var choices = node.Parts.Select(part => Sequence(part, End)).Distinct().ToArray();
                return Cell(Element(Re2NodeKind.Alternate, 0, 0, choices), tail);
            default:
                // A surrogate is a class without members that have a UTF-8 form.
                return Cell(Element(node.Kind == Re2NodeKind.Literal ? Re2NodeKind.Class : node.Kind, node.Value, 0, node.Ranges), tail);
        }
    }

    private int Literal(Rune rune, int tail)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = rune.EncodeToUtf8(bytes) - 1; i >= 0; i--)
        {
            tail = Cell(bytes[i], tail);
        }

        return tail;
    }

    private int Repeat(Re2Node node, int tail)
    {
        if (node is { Value: 1, Max: 1 })
        {
            return Sequence(node.Parts[0], tail);
        }

        var body = Sequence(node.Parts[0], End);
        return body == End || node.Max == 0 ? tail : Cell(Element(Re2NodeKind.Repeat, node.Value, node.Max, [body]), tail);
    }

    private int Cell(int element, int tail)
    {
        var key = ((long)element << 32) | (uint)tail;
        if (!_cellIds.TryGetValue(key, out var id))
        {
            id = _cells.Count;
            var size = IsByte(element) ? 1 : Complex(element).Size;
            // No overflow: the parser's own limit allows 3.3 million parts a pattern, and a class needs some thousand instructions at most.
            _cells.Add((element, tail, size + _cells[tail].Size));
            _cellIds.Add(key, id);
        }

        return id;
    }

    private int Element(Re2NodeKind kind, int value, int max, int[] content)
    {
        int[] key = [(int)kind, value, max, .. content];
        if (!_elementIds.TryGetValue(key, out var id))
        {
            id = FirstComplex + _elements.Count;
            var bytes = kind == Re2NodeKind.Class ? Utf8Class.Build(content) : null;
            var size = kind switch
            {
                Re2NodeKind.Class => bytes!.Size,
                Re2NodeKind.Repeat => (SizeOf(content[0]) + 1) * Math.Max(1, Math.Max(value, max)),
                Re2NodeKind.Alternate => content.Sum(choice => SizeOf(choice) + 1),
                _ => 1,
            };
            _elements.Add(new Re2Element(kind, value, max, content, bytes, size));
            _elementIds.Add(key, id);
        }

        return id;
    }
}

/// <summary>An element of a sequence that is not a single byte: a class, repetition, alternation or assertion.</summary>
/// <param name="Kind">Which of the four.</param>
/// <param name="Value">Minimum count or assertion.</param>
/// <param name="Max">Maximum count.</param>
/// <param name="Content">Ranges of a class, or the sequences inside.</param>
/// <param name="Bytes">The automaton of a class.</param>
/// <param name="Size">Instructions it compiles to, if nothing were shared.</param>
internal sealed record Re2Element(Re2NodeKind Kind, int Value, int Max, int[] Content, Utf8Class? Bytes, long Size);
