using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace PolicyProxy.Policy.Re2;

/// <summary>Turns patterns into one <see cref="Re2Program"/>. One use per set.</summary>
internal sealed partial class Re2Compiler
{
    private readonly Re2Terms _terms = new();
    private readonly Re2ProgramBuilder _builder = new();
    private readonly Dictionary<int, int> _shared = [];
    private readonly List<int> _path = [];

    private Re2Compiler()
    {
    }

    /// <summary>Compiles, or says which pattern made the program larger than <paramref name="maxInstructions"/>.</summary>
    public static bool TryCompile(IReadOnlyList<Re2Pattern> patterns, int maxInstructions, [NotNullWhen(true)] out Re2Program? program, out int tooLarge)
    {
        var compiler = new Re2Compiler();
        var entries = new List<Entry>(patterns.Count);
        program = null;
        long size = 0;
        for (var i = 0; i < patterns.Count; i++)
        {
            var root = patterns[i].Root;
            foreach (var branch in root.Kind == Re2NodeKind.Alternate ? root.Parts : [root])
            {
                var sequence = compiler._terms.Sequence(branch, Re2Terms.End);
                entries.Add(new Entry(sequence, i));
                size += 1 + compiler._terms.SizeOf(sequence);
                if (size > maxInstructions)
                {
                    tooLarge = i;
                    return false;
                }
            }
        }

        tooLarge = -1;
        var start = compiler.Choose(CollectionsMarshal.AsSpan(entries), new Ending(Re2Program.MatchAddress, compiler._shared, IsOwned: true));
        program = new Re2Program(compiler._builder, start);
        return true;
    }

    // The code of a sequence followed by the ending. Recursion is as deep as the pattern nests, at most 1000.
    private int Compile(int sequence, Ending ending)
    {
        var bottom = _path.Count;
        var next = ending.Next;
        for (; sequence != Re2Terms.End; sequence = _terms.TailOf(sequence))
        {
            if (ending.Known is not null && ending.Known.TryGetValue(sequence, out var known))
            {
                next = known;
                break;
            }

            _path.Add(sequence);
        }

        while (_path.Count > bottom)
        {
            var last = _path[^1];
            _path.RemoveAt(_path.Count - 1);
            next = CompileElement(_terms.HeadOf(last), next);
            ending.Known?.Add(last, next);
        }

        return next;
    }

    private int CompileElement(int element, int next)
    {
        if (Re2Terms.IsByte(element))
        {
            return _builder.Step([new Re2Edge((byte)element, (byte)element, next)]);
        }

        var complex = _terms.Complex(element);
        return complex.Kind switch
        {
            Re2NodeKind.Class => CompileClass(complex.Bytes!, next),
            Re2NodeKind.Assertion => _builder.Assert((Re2Assertion)complex.Value, next),
            Re2NodeKind.Repeat => CompileRepeat(complex, next),
            _ => CompileChoice(complex.Content, next),
        };
    }

    private int CompileClass(Utf8Class bytes, int next)
    {
        var addresses = new int[bytes.Nodes.Count];
        var edges = new List<Re2Edge>();
        for (var i = 0; i < addresses.Length; i++)
        {
            edges.Clear();
            var node = bytes.Nodes[i];
            for (var e = 0; e < node.Length; e += 3)
            {
                var target = node[e + 2] == Utf8Class.Accept ? next : addresses[node[e + 2]];
                edges.Add(new Re2Edge((byte)node[e], (byte)node[e + 1], target));
            }

            addresses[i] = _builder.Step(CollectionsMarshal.AsSpan(edges));
        }

        return addresses[^1];
    }

    private int CompileRepeat(Re2Element repeat, int next)
    {
        var body = repeat.Content[0];
        var required = repeat.Value;
        var at = next;
        if (repeat.Max == Re2Node.Unbounded)
        {
            var loop = _builder.Reserve();
            var again = Compile(body, new Ending(loop, null));
            _builder.Write(loop, [again, next]);
            at = required == 0 ? loop : again;
            required = Math.Max(0, required - 1);
        }
        else
        {
            for (var i = required; i < repeat.Max; i++)
            {
                at = _builder.Split([Compile(body, new Ending(at, null)), next]);
            }
        }

        for (; required > 0; required--)
        {
            at = Compile(body, new Ending(at, null));
        }

        return at;
    }

    private int CompileChoice(int[] sequences, int next)
    {
        var entries = new Entry[sequences.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new Entry(sequences[i], 0);
        }

        return Choose(entries, new Ending(next, [], IsOwned: false));
    }

    /// <summary>A sequence and the pattern it belongs to.</summary>
    private readonly record struct Entry(int Sequence, int Pattern);

    /// <summary>Where sequences go on, what is already compiled with that ending, and whether owners have to be named.</summary>
    private readonly record struct Ending(int Next, Dictionary<int, int>? Known, bool IsOwned = false);
}
