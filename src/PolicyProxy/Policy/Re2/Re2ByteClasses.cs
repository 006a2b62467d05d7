namespace PolicyProxy.Policy.Re2;

/// <summary>Groups the 256 bytes into classes no pattern of a set tells apart; automaton tables have one column per class.</summary>
internal sealed class Re2ByteClasses
{
    private readonly byte[] _classOf = new byte[256];
    private readonly byte[] _members;

    public Re2ByteClasses(ReadOnlySpan<Re2Edge> edges, Re2Assertion assertions)
    {
        Span<bool> starts = stackalloc bool[257];
        starts[0] = true;
        foreach (var edge in edges)
        {
            starts[edge.First] = true;
            starts[edge.Last + 1] = true;
        }

        if ((assertions & (Re2Assertion.BeginLine | Re2Assertion.EndLine)) != 0)
        {
            starts['\n'] = true;
            starts['\n' + 1] = true;
        }

        for (var i = 1; i < 256 && (assertions & (Re2Assertion.WordBoundary | Re2Assertion.NoWordBoundary)) != 0; i++)
        {
            starts[i] |= IsWord(i) != IsWord(i - 1);
        }

        var members = new List<byte>();
        for (var i = 0; i < 256; i++)
        {
            if (starts[i])
            {
                members.Add((byte)i);
            }

            _classOf[i] = (byte)(members.Count - 1);
        }

        _members = [.. members];
    }

    /// <summary>How many classes there are, 1 to 256.</summary>
    public int Count => _members.Length;

    /// <summary>Class of each byte, 256 entries. Not to be written.</summary>
    public byte[] ClassOf => _classOf;

    /// <summary>One byte of a class, standing for all.</summary>
    public byte MemberOf(int byteClass) => _members[byteClass];

    /// <summary>What <c>\b</c> takes for a word character: ASCII only.</summary>
    public static bool IsWord(int value) => value is >= 0 and < 0x80 && (char.IsAsciiLetterOrDigit((char)value) || value == '_');
}
