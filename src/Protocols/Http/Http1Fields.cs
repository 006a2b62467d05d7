using System.Text;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// The field lines of a parsed head, in order, repeated names repeated: <c>foreach (var field in request.Fields)</c>. Its own enumerator:
/// copy it to start over. The spans it gives live as long as the head.
/// </summary>
public ref struct Http1Fields
{
    private readonly ReadOnlySpan<byte> _head;
    private int _next;

    internal Http1Fields(ReadOnlySpan<byte> head, int offset)
    {
        _head = head;
        _next = offset;
    }

    /// <summary>The field line at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public Http1Field Current { get; private set; }

    /// <summary>Goes to the next line. All lines were checked when the head was parsed, so false means the end.</summary>
    public bool MoveNext()
    {
        var rest = _head[_next..];
        var colon = rest.IndexOf((byte)':');
        if (rest.Length <= 2 || colon < 0)
        {
            return false;
        }

        var end = rest.IndexOf((byte)'\r');
        Current = new(rest[..colon], Http1Syntax.TrimWhitespace(rest[(colon + 1)..end]), _next, end + 2);
        _next += end + 2;
        return true;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly Http1Fields GetEnumerator() => this;

    internal readonly bool Has(ReadOnlySpan<char> name)
    {
        foreach (var field in this)
        {
            if (field.IsNamed(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Compares the joined value; a field that is absent equals nothing.</summary>
    internal readonly bool JoinedEquals(ReadOnlySpan<char> name, ReadOnlySpan<char> expected)
    {
        var joined = new Utf8Expectation(expected, ignoreCase: false);
        var lines = 0;
        foreach (var field in this)
        {
            if (!field.IsNamed(name))
            {
                continue;
            }

            if ((lines++ > 0 && !joined.Consume(","u8)) || !joined.Consume(field.Value))
            {
                return false;
            }
        }

        return lines > 0 && joined.IsMet;
    }

    /// <summary>Copies the joined value; -1 for a field that is absent.</summary>
    internal readonly int CopyJoined(ReadOnlySpan<char> name, scoped Span<char> destination)
    {
        var length = -1;
        foreach (var field in this)
        {
            if (!field.IsNamed(name))
            {
                continue;
            }

            var at = length < 0 ? 0 : length + 1;
            if (at > 0 && length < destination.Length)
            {
                destination[length] = ',';
            }

            length = at + field.Value.Length;
            if (length <= destination.Length)
            {
                Encoding.Latin1.GetChars(field.Value, destination[at..]);
            }
        }

        return length;
    }

    /// <summary>Compares the start of the joined value without case; a field that is absent starts with nothing.</summary>
    internal readonly bool JoinedStartsWith(ReadOnlySpan<char> name, ReadOnlySpan<char> prefix)
    {
        var joined = new Utf8Expectation(prefix, ignoreCase: true);
        var lines = 0;
        foreach (var field in this)
        {
            if (!field.IsNamed(name))
            {
                continue;
            }

            if ((lines++ > 0 && !joined.ConsumePart(","u8)) || !joined.ConsumePart(field.Value))
            {
                return false;
            }

            if (joined.IsMet)
            {
                return true;
            }
        }

        return false;
    }
}
