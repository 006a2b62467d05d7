namespace PolicyProxy.Protocols.Dns;

/// <summary>Bytes that are left out of a copy.</summary>
/// <param name="Offset">Offset of the first.</param>
/// <param name="Length">How many.</param>
internal readonly record struct DnsCut(int Offset, int Length)
{
    /// <summary>Offset behind the last.</summary>
    public int End => Offset + Length;
}

/// <summary>Where cuts lie in a message, and where the bytes between them go.</summary>
/// <param name="room">Room for as many cuts as there may be.</param>
internal ref struct DnsCuts(Span<DnsCut> room)
{
    private readonly Span<DnsCut> _room = room;
    private int _count;

    public readonly bool IsEmpty => _count == 0;

    private readonly ReadOnlySpan<DnsCut> Cuts => _room[.._count];

    /// <summary>Adds a cut behind the last one; false if there is no room.</summary>
    public bool TryAdd(DnsCut cut)
    {
        if (_count == _room.Length)
        {
            return false;
        }

        _room[_count++] = cut;
        return true;
    }

    /// <summary>True if the byte at an offset is cut.</summary>
    public readonly bool Contains(int offset)
    {
        foreach (var cut in Cuts)
        {
            if (offset >= cut.Offset && offset < cut.End)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where the byte at an offset goes; one that is cut goes where the next one goes.</summary>
    public readonly int Map(int offset)
    {
        var removed = 0;
        foreach (var cut in Cuts)
        {
            removed += Math.Clamp(offset - cut.Offset, 0, cut.Length);
        }

        return offset - removed;
    }

    /// <summary>Copies what is not cut.</summary>
    public readonly bool TryCopy(ReadOnlySpan<byte> source, Span<byte> destination, out int length)
    {
        length = Map(source.Length);
        if (destination.Length < length)
        {
            return false;
        }

        var from = 0;
        foreach (var cut in Cuts)
        {
            source[from..cut.Offset].CopyTo(destination[Map(from)..]);
            from = cut.End;
        }

        source[from..].CopyTo(destination[Map(from)..]);
        return true;
    }
}
