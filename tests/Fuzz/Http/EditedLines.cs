using System.Text;

namespace PolicyProxy.Fuzz.Http;

/// <summary>The lines of a head as a list, edited naively; what <see cref="Protocols.Http.Http1HeadEditor"/> has to agree with.</summary>
internal sealed class EditedLines
{
    private readonly string _startLine;
    private readonly List<string> _lines;
    private readonly int _room;

    /// <summary>Starts with an accepted head and the size of its buffer.</summary>
    public EditedLines(ReadOnlySpan<byte> head, int room)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        _startLine = lines[0];
        _lines = [.. lines[1..^2]];
        _room = room;
    }

    /// <summary>The head now.</summary>
    public byte[] Bytes => Encoding.Latin1.GetBytes(string.Concat(_lines.Prepend(_startLine).Select(line => line + "\r\n")) + "\r\n");

    /// <summary>Name of a line by its index, in another case; a name that is absent if there are no lines.</summary>
    public string NameAt(int index) => _lines.Count == 0 ? "x-none" : NameOf(_lines[index % _lines.Count]).ToUpperInvariant();

    /// <summary>Takes out all lines with this name.</summary>
    public void Remove(string name) => _lines.RemoveAll(line => Is(line, name));

    /// <summary>Puts a line at the end if it is allowed and fits.</summary>
    public bool TryAdd(string name, string value)
    {
        var line = $"{name}: {Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value))}";
        var isAllowed = name.Length > 0 && name.All(NaiveHead.IsToken) && !value.Any(character => character is (< ' ' and not '\t') or '\x7F');
        if (!isAllowed || Bytes.Length + line.Length + 2 > _room)
        {
            return false;
        }

        _lines.Add(line);
        return true;
    }

    /// <summary>Takes out Upgrade and HTTP2-Settings and both as connection options; a Connection line with none left goes too.</summary>
    public void RemoveUpgrade()
    {
        Remove("upgrade");
        Remove("http2-settings");
        for (var i = _lines.Count - 1; i >= 0; i--)
        {
            if (!Is(_lines[i], "connection"))
            {
                continue;
            }

            var name = NameOf(_lines[i]);
            var options = _lines[i][(name.Length + 1)..].Split(',').Select(option => option.Trim(' ', '\t'))
                .Where(option => option.Length > 0 && option.ToLowerInvariant() is not ("upgrade" or "http2-settings"));
            _lines[i] = $"{name}:{string.Join(',', options)}";
            if (_lines[i].Length == name.Length + 1)
            {
                _lines.RemoveAt(i);
            }
        }
    }

    private static bool Is(string line, string name) => NameOf(line).Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string NameOf(string line) => line[..line.IndexOf(':', StringComparison.Ordinal)];
}
