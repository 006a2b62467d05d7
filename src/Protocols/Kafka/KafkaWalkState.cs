using System.Runtime.CompilerServices;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>Where a walk stands, without the bytes: a walk over a message that still arrives goes on from here. Mutable.</summary>
internal struct KafkaWalkState()
{
    /// <summary>Deepest nesting of arrays; the compiler refuses a layout beyond it.</summary>
    public const int MaxDepth = 4;

    public KafkaNumbers Numbers = new();
    public int Position;
    public int Op;
    public int Depth;
    public int NameCount;
    public int TopicCount;
    public int HeldStart;
    public int HeldLength;
    public sbyte HeldType;
    public bool AsksForAll;

    // bit d: the array open at depth d holds names
    private byte _holdsNames;
    private Pending _pending;

    /// <summary>True while an open array with names has elements to come.</summary>
    public readonly bool HasNamesPending
    {
        get
        {
            for (var depth = 0; depth < Depth; depth++)
            {
                if ((_holdsNames & (1 << depth)) != 0 && _pending[depth] > 1)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Opens an array.</summary>
    public void Push(int count, bool holdsNames)
    {
        _holdsNames = (byte)(holdsNames ? _holdsNames | (1 << Depth) : _holdsNames & ~(1 << Depth));
        _pending[Depth++] = count;
    }

    /// <summary>Ends an element; true if another one follows.</summary>
    public bool NextElement()
    {
        if (--_pending[Depth - 1] > 0)
        {
            return true;
        }

        Depth--;
        return false;
    }

    [InlineArray(MaxDepth)]
    private struct Pending
    {
        private int _element;
    }
}
