using System.Text;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// Changes field lines of one head in place: the rest keeps its bytes and its order. For heads that were parsed; what comes out has to be
/// parsed again before it is sent, because an edit may touch framing. Nothing is allocated; not thread-safe.
/// </summary>
public ref struct Http1HeadEditor
{
    private readonly Span<byte> _buffer;
    private int _fieldsOffset;

    /// <summary>Starts with a head that stands at the beginning of a buffer; the room behind it is for added lines.</summary>
    /// <param name="buffer">Head and room. The caller's; not kept beyond the editor.</param>
    /// <param name="length">Length of the head in bytes, its empty line included.</param>
    public Http1HeadEditor(Span<byte> buffer, int length)
    {
        _buffer = buffer;
        Length = length;
        _fieldsOffset = buffer[..length].IndexOf("\r\n"u8) + 2;
    }

    /// <summary>Length of the head now, in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The head now.</summary>
    public readonly ReadOnlySpan<byte> Head => _buffer[..Length];

    /// <summary>Takes out every line with this name.</summary>
    /// <param name="name">Field name, ASCII; compared without case.</param>
    public void Remove(ReadOnlySpan<char> name)
    {
        while (TryFind(name, out var offset, out var bytes))
        {
            Replace(offset, bytes, 0);
        }
    }

    /// <summary>Puts a line behind the last one.</summary>
    /// <param name="name">Field name, a token (RFC 9110 §5.6.2).</param>
    /// <param name="value">Value, written as UTF-8; no control characters but tabs.</param>
    /// <returns>False, with the head unchanged, if there is no room or name or value is not allowed.</returns>
    public bool TryAdd(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        var at = Length - 2;
        var bytes = name.Length + 2 + Encoding.UTF8.GetByteCount(value) + 2;
        if (name.IsEmpty || bytes > _buffer.Length - Length || !Ascii.IsValid(name))
        {
            return false;
        }

        var line = _buffer.Slice(Length, bytes); // written behind the head first, so that a refusal leaves no trace
        Encoding.ASCII.GetBytes(name, line);
        ": "u8.CopyTo(line[name.Length..]);
        Encoding.UTF8.GetBytes(value, line[(name.Length + 2)..]);
        if (line[..name.Length].ContainsAnyExcept(Http1Syntax.TokenBytes) || line[(name.Length + 2)..^2].ContainsAny(Http1Syntax.ControlBytes))
        {
            return false;
        }

        line[..^2].CopyTo(_buffer[at..]);
        "\r\n\r\n"u8.CopyTo(_buffer[(at + bytes - 2)..]);
        Length += bytes;
        return true;
    }

    /// <summary>Takes scheme and authority out of a target in absolute form: what is left asks an origin for the same (RFC 9112 §3.2.1).</summary>
    /// <returns>False, with the head unchanged, if the target has another form.</returns>
    public bool UseOriginForm()
    {
        var start = _buffer[..Length].IndexOf((byte)' ') + 1;
        var target = _buffer[start.._fieldsOffset];
        target = target[..target.IndexOf((byte)' ')];
        var authority = target.IndexOf("://"u8) + 3;
        if (target.StartsWith("/"u8) || authority < 3)
        {
            return false;
        }

        var path = target[authority..].IndexOf((byte)'/');
        var left = path < 0 ? 1 : 0; // without a path, the path is "/"
        target[0] = path < 0 ? (byte)'/' : target[0];
        var removed = path < 0 ? target.Length - 1 : authority + path;
        Replace(start + left, removed, 0);
        _fieldsOffset -= removed;
        return true;
    }

    /// <summary>
    /// Takes the wish for another protocol out (RFC 9110 §7.8): Upgrade, HTTP2-Settings and their connection options. The request stays
    /// what it is without them.
    /// </summary>
    public void RemoveUpgrade()
    {
        Remove("upgrade");
        Remove("http2-settings");
        var from = _fieldsOffset;
        while (TryFindFrom("connection", from, out var offset, out var bytes))
        {
            var kept = KeepOptions(_buffer.Slice(offset, bytes));
            Replace(offset, bytes, kept);
            from = offset + kept;
        }
    }

    // Rewrites one Connection line in place without the options of an upgrade; gives its new length, 0 if no option is left.
    private static int KeepOptions(Span<byte> line)
    {
        var start = line.IndexOf((byte)':') + 1;
        var length = start;
        foreach (var option in new Http1ListItems(line[start..^2]))
        {
            if (Http1Syntax.IsName(option, "upgrade"u8) || Http1Syntax.IsName(option, "http2-settings"u8))
            {
                continue;
            }

            // Never ahead of what is read: an option moves left or stays, and takes a separator that stood in front of it.
            if (length > start)
            {
                line[length++] = (byte)',';
            }

            option.CopyTo(line[length..]);
            length += option.Length;
        }

        if (length == start)
        {
            return 0;
        }

        "\r\n"u8.CopyTo(line[length..]);
        return length + 2;
    }

    private readonly bool TryFind(ReadOnlySpan<char> name, out int offset, out int bytes) => TryFindFrom(name, _fieldsOffset, out offset, out bytes);

    private readonly bool TryFindFrom(ReadOnlySpan<char> name, int from, out int offset, out int bytes)
    {
        foreach (var field in new Http1Fields(Head, from))
        {
            if (field.IsNamed(name))
            {
                offset = field.LineOffset;
                bytes = field.LineBytes;
                return true;
            }
        }

        offset = bytes = 0;
        return false;
    }

    private void Replace(int offset, int bytes, int kept)
    {
        _buffer[(offset + bytes)..Length].CopyTo(_buffer[(offset + kept)..]);
        Length -= bytes - kept;
    }
}
