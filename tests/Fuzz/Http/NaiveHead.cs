using System.Buffers;
using System.Text;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>
/// A second reading of an accepted head: text cut at CRLF, colons and commas, without bounds and without mercy for bytes that the grammar
/// forbids. Slow and short, so that it can be checked by eye.
/// </summary>
internal sealed class NaiveHead
{
    private readonly byte[] _head;

    /// <summary>Reads a head.</summary>
    public NaiveHead(ReadOnlySpan<byte> head)
    {
        _head = head.ToArray();
        var text = Encoding.Latin1.GetString(head);
        var lines = text.Split("\r\n");
        Law.Holds(lines is [_, .., "", ""] && lines[0].Length > 0, "an accepted head ends with its only empty line");
        Law.Holds(!lines.SelectMany(line => line).Any(character => character is (< ' ' and not '\t') or '\x7F'), "an accepted head has no control bytes");
        StartLine = lines[0];
        Fields =
        [
            .. lines[1..^2].Select(line => line.Split(':', 2)).Select(parts =>
            {
                Law.Holds(parts.Length == 2 && parts[0].Length > 0 && parts[0].All(IsToken), "every field line has a token for its name");
                return (parts[0], parts[1].Trim(' ', '\t'));
            }),
        ];
    }

    /// <summary>The head that a scanner found, empty if it found none; it has to be everything up to the first empty line.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> input, FrameScan scan)
    {
        if (scan.Status != OperationStatus.Done)
        {
            return default;
        }

        var head = input[..(int)scan.Length];
        Law.Same(head.Length - 4, head.IndexOf("\r\n\r\n"u8), "a head ends with its first empty line");
        Law.Same(head.Count((byte)'\n'), head.Count("\r\n"u8), "a head has no line feed alone");
        return head;
    }

    /// <summary>The first line.</summary>
    public string StartLine { get; }

    /// <summary>The field lines in order, values trimmed.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; }

    /// <summary>RFC 9110 §5.6.2.</summary>
    public static bool IsToken(char character) => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);

    /// <summary>All values of a field.</summary>
    public IReadOnlyList<string> Values(string name) =>
        [.. Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];

    /// <summary>True if the elements of a list field hold this one, without case.</summary>
    public bool Lists(string name, string element) =>
        Values(name).SelectMany(value => value.Split(',')).Any(item => item.Trim(' ', '\t').Equals(element, StringComparison.OrdinalIgnoreCase));

    /// <summary>The one value of Content-Length; null without. Checks that the head has one framing at most, spelt as every reader spells it.</summary>
    public string? CheckFraming(bool isChunked)
    {
        var lengths = Values("content-length");
        var codings = Values("transfer-encoding");
        Law.Holds(lengths.Count + codings.Count <= 1, "an accepted head has one framing field at most");
        Law.Holds(codings.Count == (isChunked ? 1 : 0) && codings.All(coding => coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)), "chunked is the only coding accepted");
        Law.Holds(
            !Fields.Any(field => field.Name.Replace('_', '-').Replace('.', '-').ToLowerInvariant() is "content-length" or "transfer-encoding" && !field.Name.Contains('-', StringComparison.Ordinal)),
            "no name imitates a framing field");
        return lengths.Count == 0 ? null : lengths[0];
    }

    /// <summary>Compares the lines that the parser gives; side by side they have to be the head.</summary>
    public void CheckFields(Http1Fields fields)
    {
        var seen = 0;
        var next = StartLine.Length + 2;
        foreach (var field in fields)
        {
            Law.Holds(seen < Fields.Count, "no more field lines than there are");
            Law.Same(Fields[seen].Name, Encoding.Latin1.GetString(field.Name), "field names are read alike");
            Law.Same(Fields[seen].Value, Encoding.Latin1.GetString(field.Value), "field values are read alike");
            Law.Same(next, field.LineOffset, "field lines lie side by side");
            next += field.LineBytes;
            seen++;
        }

        Law.Same(Fields.Count, seen, "no field line is left out");
        Law.Same(_head.Length - 2, next, "nothing but the empty line follows the last field line");
    }
}
