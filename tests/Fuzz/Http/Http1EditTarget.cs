using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>
/// <see cref="Http1HeadEditor"/> on a request head, against the same edits on a list of lines. The first byte of the input is the number of
/// edits, at most eight; each of the bytes behind it is one edit (see <see cref="Edit"/>); the head follows.
/// </summary>
internal sealed class Http1EditTarget : FuzzTarget
{
    private const int MostEdits = 8;

    private static readonly string[] s_names = ["x-absent", "x-added", "Connection", "content-length", "Host", "bad name", "", "caf\u00E9", "bad:name", "bad\r\nname"];
    private static readonly string[] s_values = ["", "value", "a, b", "\u20AC", "tab\there", "line\r\nX: y", "nul\0", new('v', 300)];

    /// <inheritdoc/>
    public override string Name => "http1-edit";

    /// <inheritdoc/>
    public override string Dictionary => "http1.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. RecordedMessages.HttpRequests.Where((_, i) => i % 3 == 0).Select((head, i) => (byte[])[3, (byte)i, (byte)(i * 37), (byte)(i * 101), .. head]),
        [1, 2, .. RecordedMessages.Bytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close , Upgrade,\tHTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nConnection: upgrade\r\n\r\n")],
    ];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var edits = Math.Min(input.Length == 0 ? 0 : input[0], MostEdits);
        var scratch = ArrayPool<char>.Shared.Rent(HttpLimits.Default.MaxScratchChars);
        var head = input.AsSpan(Math.Min(1 + edits, input.Length));
        var isRead = Http1Request.TryParse(head, HttpLimits.Default, scratch, out var request, out _);
        if (isRead)
        {
            CheckWithoutUpgrade(head, request);
        }

        ArrayPool<char>.Shared.Return(scratch);
        if (!isRead)
        {
            return FuzzOutcome.Refused;
        }

        var buffer = new byte[head.Length + 200];
        head.CopyTo(buffer);
        var editor = new Http1HeadEditor(buffer, head.Length);
        var lines = new EditedLines(head, buffer.Length);
        foreach (var edit in input.AsSpan(1, edits))
        {
            Edit(edit, ref editor, lines);
            Law.Holds(editor.Length == editor.Head.Length && editor.Length <= buffer.Length, "an edited head stays in its buffer");
            Law.Holds(editor.Head.SequenceEqual(lines.Bytes), "an edited head is the head of the edited lines");
        }

        return FuzzOutcome.Accepted;
    }

    private static void CheckWithoutUpgrade(ReadOnlySpan<byte> head, in Http1Request request)
    {
        var editor = new Http1HeadEditor(head.ToArray(), head.Length);
        editor.RemoveUpgrade();
        var scratch = new char[HttpLimits.Default.MaxScratchChars];
        Law.Holds(Http1Request.TryParse(editor.Head, HttpLimits.Default, scratch, out var plain, out _), "a request without its upgrade is a request");
        Law.Holds(plain is { Upgrade: Http1Upgrade.None, HasUpgradeOption: false }, "an upgrade that was taken out is gone");
        Law.Same((request.KeepAlive, request.BodyKind, request.ContentLength, request.ExpectContinue), (plain.KeepAlive, plain.BodyKind, plain.ContentLength, plain.ExpectContinue), "a request without its upgrade is framed as before");
        Law.Holds(request.Method.SequenceEqual(plain.Method) && request.Path.SequenceEqual(plain.Path) && request.Authority.SequenceEqual(plain.Authority), "a request without its upgrade asks for the same");
    }

    // The two lowest bits choose: remove the field whose index the rest is, remove by name, take the upgrade out, add a line
    private static void Edit(byte edit, ref Http1HeadEditor editor, EditedLines lines)
    {
        var rest = edit >> 2;
        switch (edit & 3)
        {
            case 0:
                var present = lines.NameAt(rest);
                editor.Remove(present);
                lines.Remove(present);
                break;
            case 1:
                editor.Remove(s_names[rest % s_names.Length]);
                lines.Remove(s_names[rest % s_names.Length]);
                break;
            case 2:
                editor.RemoveUpgrade();
                lines.RemoveUpgrade();
                break;
            default:
                var (name, value) = (s_names[rest % s_names.Length], s_values[rest % s_values.Length]);
                Law.Same(lines.TryAdd(name, value), editor.TryAdd(name, value), "a line is added exactly when it is allowed and fits");
                break;
        }
    }
}
